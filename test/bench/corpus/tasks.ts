/**
 * What developers and their agents do all day, as shell scripts that run in an empty workspace
 * without a network. `REPO` is this repository, which the session may read.
 */
export interface Task {
  name: string;
  script: string;
  /** Directories of the workspace's parent that are granted beside it, by option of `run`. */
  beside?: { option: '--ro' | '--rw-no-delete'; dir: string }[];
  /** May reach the stand-in for a provider, with a credential of its own. */
  provider?: true;
}

const IDENTITY = 'export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com';
const COMMITTER = 'export GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com';
/** Git as a developer has it; the sandbox's home is empty. */
const GIT = `${IDENTITY}; ${COMMITTER}; git config --global init.defaultBranch main`;
/** A project of the size of a module, with its tests. */
const COPY = 'cp -r REPO/packages/detect/src src; cp REPO/LICENSE REPO/README.md .';

export const TASKS: readonly Task[] = [
  {
    name: 'git-day',
    script: `${GIT}; ${COPY}
git init -q && git add . && git commit -qm 'first'
for i in 1 2 3 4 5 6; do echo "// $i" >> src/index.ts; git commit -qam "change $i"; done
git checkout -qb feature; echo more >> README.md; git commit -qam feature
git checkout -q main; echo other >> LICENSE; git commit -qam other
git merge -q --no-edit feature; git rebase -q HEAD~1 || git rebase --abort
git log --oneline -5; git log -p -2 | wc -l; git log --all --oneline | wc -l; git reflog | head -3
git stash list; echo dirty >> README.md; git stash -q; git stash pop -q; git diff --stat
git blame README.md | tail -1; git show --stat HEAD | tail -1; git gc -q; git fsck; git status -s`,
  },
  {
    name: 'git-clone',
    script: `${GIT}
git clone -q --no-hardlinks --depth 1 file://REPO clone 2>/dev/null || git clone -q REPO clone
cd clone; git log --oneline -3; git checkout -qb work; echo note >> CHANGELOG.md
git commit -qam 'note'; git diff HEAD~1 --stat || true; git ls-files | wc -l; git grep -c node:test | wc -l`,
  },
  {
    name: 'npm-install',
    script: `for name in yaml zod commander; do
  test -d REPO/node_modules/$name && npm pack --silent --offline REPO/node_modules/$name >/dev/null
done
npm init -y >/dev/null; npm install --offline --no-audit --no-fund --silent ./*.tgz
npm ls --depth 0; npm pkg set scripts.test='node -e 0'; npm test --silent; npm pack --silent --dry-run`,
  },
  {
    name: 'npm-workspaces',
    script: `mkdir -p packages/a packages/b
echo '{"name":"a","version":"1.0.0","main":"a.js"}' > packages/a/package.json
echo '{"name":"b","version":"1.0.0","dependencies":{"a":"1.0.0"}}' > packages/b/package.json
echo 'module.exports = 1' > packages/a/a.js; echo 'require("a")' > packages/b/b.js
echo '{"name":"root","private":true,"workspaces":["packages/*"]}' > package.json
npm install --offline --no-audit --no-fund --silent; node packages/b/b.js; rm -rf node_modules
npm ci --offline --no-audit --no-fund --silent; npm ls --all`,
  },
  {
    name: 'tsc-build',
    script: `mkdir -p src; cp REPO/packages/schema/src/*.ts src; rm -f src/*.test.ts
echo '{"compilerOptions":{"target":"es2024","module":"nodenext","outDir":"out","noCheck":true,"allowImportingTsExtensions":false,"rewriteRelativeImportExtensions":true,"skipLibCheck":true,"types":[]},"include":["src"]}' > tsconfig.json
NODE REPO/node_modules/typescript/bin/tsc -p . || true; ls out | wc -l; rm -rf out
NODE REPO/node_modules/typescript/bin/tsc -p . --incremental || true; find out -name '*.js' | wc -l`,
  },
  {
    name: 'node-tests',
    script: `mkdir test; for i in 1 2 3; do
  echo "import test from 'node:test'; import fs from 'node:fs'; test('t$i', () => { fs.writeFileSync('out-$i.txt', 'x'); fs.rmSync('out-$i.txt'); });" > test/$i.test.mjs
done
NODE --test test/*.mjs | tail -3; NODE -e 'console.log(require("fs").readdirSync(".").length)'
cp REPO/package.json REPO/package-lock.json .; NODE -e 'console.log(Object.keys(require("./package-lock.json").packages).length)'`,
  },
  {
    name: 'biome',
    script: `cp -r REPO/packages/chain/src src; cp REPO/biome.json .
REPO/node_modules/.bin/biome check src | tail -2 || true; REPO/node_modules/.bin/biome format --write src | tail -1 || true`,
  },
  {
    name: 'python-scripts',
    script: `printf 'import csv,json,sqlite3,zipfile,tempfile,os\\nrows=[(i,i*i) for i in range(500)]\\nwith open("a.csv","w") as f: csv.writer(f).writerows(rows)\\njson.dump(rows,open("a.json","w"))\\ndb=sqlite3.connect("a.db"); db.execute("create table t(a,b)"); db.executemany("insert into t values(?,?)",rows); db.commit()\\nwith zipfile.ZipFile("a.zip","w") as z: z.write("a.csv"); z.write("a.json")\\nos.replace("a.json","b.json"); os.remove("a.csv")\\n' > work.py
printf 'import unittest\\nclass T(unittest.TestCase):\\n  def test(self): self.assertEqual(1+1,2)\\nunittest.main()\\n' > test_it.py
/usr/bin/python3 work.py; /usr/bin/python3 test_it.py; /usr/bin/python3 -m compileall -q .; /usr/bin/python3 -m json.tool b.json | tail -1; /usr/bin/python3 -m zipfile -l a.zip`,
  },
  {
    name: 'python-venv',
    script: `/usr/bin/python3 -m venv --without-pip venv; venv/bin/python -c 'import sys; print(sys.prefix)'
mkdir -p pkg/thing; touch pkg/thing/__init__.py; PYTHONPATH=pkg venv/bin/python -m unittest discover -q || true
venv/bin/python -m pydoc -w json >/dev/null; ls`,
  },
  {
    name: 'c-build',
    script: `printf '#include <stdio.h>\\nint add(int a,int b){return a+b;}\\n' > add.c
printf '#include <stdio.h>\\nint add(int,int);\\nint main(void){printf("%%d\\\\n",add(1,2));return 0;}\\n' > main.c
printf 'prog: main.o add.o\\n\\t$(CC) -o $@ $^\\nclean:\\n\\trm -f *.o prog\\n' > Makefile
make -s && ./prog; make -s clean; make -s CFLAGS=-O2; ar rcs lib.a add.o; gcc -shared -fPIC -o lib.so add.c; nm lib.a | head -2; strip prog; make -s clean`,
  },
  {
    name: 'search-and-edit',
    script: `${COPY}; grep -rn 'export function' src | wc -l; find src -name '*.ts' -newer README.md | wc -l
sed -i 's/Throws/throws/' src/*.ts; for f in src/*.ts; do head -1 "$f"; done | sort | uniq -c | sort -rn | head -3
diff -ru REPO/packages/detect/src src | head -5 || true; awk 'length > 90' src/*.ts | wc -l; mv src/index.ts src/main.ts; ln -s main.ts src/index.ts; cat src/index.ts | wc -l`,
  },
  {
    name: 'archives',
    script: `${COPY}; tar czf a.tgz src; mkdir x; tar xzf a.tgz -C x; rm -r src; mv x/src src; gzip -k README.md; gunzip -f README.md.gz
cp -a src copy; rm -rf copy/*.ts; rmdir copy/* 2>/dev/null || true; du -sh . ; sha256sum README.md; split -n 4 a.tgz part.; cat part.* > b.tgz; cmp a.tgz b.tgz`,
  },
  {
    name: 'shell-work',
    script: `for i in $(seq 1 40); do echo "$i $((i * i))" >> squares.txt; done; sort -rn squares.txt | head -1; wc -l squares.txt
env | sort | head -3; date; uname -a; id; df -h . | tail -1; ps 2>/dev/null | tail -1; mktemp; sleep 0.1; (echo background &) ; xargs -n 4 echo < squares.txt | tail -1
mkfifo pipe; (echo through > pipe &); cat pipe; chmod 600 squares.txt; touch -d yesterday squares.txt; : > empty; truncate -s 0 squares.txt`,
  },
  {
    name: 'node-server',
    script: `printf 'const http=require("http");const s=http.createServer((q,r)=>r.end("ok"));s.listen(0,"127.0.0.1",async()=>{for(let i=0;i<5;i++)await (await fetch("http://127.0.0.1:"+s.address().port)).text();s.close();});' > server.cjs
NODE server.cjs; NODE --check server.cjs; printf 'DEBUG=1\\nPORT=3000\\n' > .env.example; NODE --env-file=.env.example -e 'console.log(process.env.PORT)'`,
  },
  {
    name: 'project-notes',
    script: `${GIT}; ${COPY}; git init -q; mkdir -p .claude docs; echo '# Notes for agents' > AGENTS.md; echo '# House' > docs/style.md
git add . && git commit -qm notes; git mv AGENTS.md docs/AGENTS.md; git commit -qm 'move'; crontab -l 2>/dev/null || true; cat docs/AGENTS.md`,
  },
  {
    name: 'env-files',
    script: `printf 'API_URL=http://localhost\\nSECRET=x\\n' > .env; cp .env .env.local; printf '.env*\\n' > .gitignore
NODE --env-file=.env -e 'console.log(process.env.API_URL)'; set -a; . ./.env; set +a; echo $API_URL
printf 'registry=http://127.0.0.1:9/\\n' > .npmrc; npm config get registry; grep -rn API_URL . | wc -l`,
  },
  {
    name: 'certificates',
    script: `openssl req -x509 -newkey rsa:2048 -nodes -keyout server-key.pem -out server.pem -days 1 -subj /CN=localhost 2>/dev/null
openssl x509 -in server.pem -noout -subject; openssl rsa -in server-key.pem -check -noout
ssh-keygen -q -t ed25519 -N '' -f deploy_key; ssh-keygen -y -f deploy_key | wc -c
mkdir -p ~/.ssh; ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519; ssh-keygen -lf ~/.ssh/id_ed25519.pub
printf 'require("tls").createServer({key:require("fs").readFileSync("server-key.pem"),cert:require("fs").readFileSync("server.pem")});' > tls.cjs; NODE tls.cjs`,
  },
  {
    name: 'links',
    script: `mkdir -p lib/v1 /tmp/cache; echo x > lib/v1/a; ln -s v1 lib/current; cat lib/current/a; ln -sfn /tmp/cache cache; echo hot > cache/b; cat cache/b
ln -s /usr/bin/python3 python; ./python -c 'print(1)'; mkdir -p bin; ln -s ../lib/current/a bin/a; cp -rL bin copy; ln lib/v1/a hard; rm lib/current; ln -s /usr/share/doc doc; ls doc | head -1; npm link --help >/dev/null`,
  },
  {
    name: 'reference',
    beside: [{ option: '--ro', dir: 'reference' }],
    script: `cd ../reference; ls; cat notes.txt; git status -s 2>/dev/null || true; /usr/bin/python3 -m compileall -q . 2>/dev/null || true
/usr/bin/python3 -c 'import helper; print(helper.ONE)'; test -w . || echo 'read only'; cp -r . ../reference-workspace-copy 2>/dev/null || cp -r . "$OLDPWD/copy"; cd "$OLDPWD"; echo more >> copy/notes.txt; diff -r copy ../reference || true`,
  },
  {
    name: 'archive-folder',
    beside: [{ option: '--rw-no-delete', dir: 'archive' }],
    script: `cd ../archive; cat notes.txt; for day in 1 2 3; do echo "day $day" > report-$day.txt; echo "day $day" >> notes.txt; done
mkdir 2026; cp report-1.txt 2026/; mv report-2.txt 2026/; tar czf all.tgz report-*.txt; gzip -k report-3.txt; touch index; wc -l notes.txt
/usr/bin/python3 -c 'open("new.bin","wb").write(b"x"*1000); open("notes.txt","a").write("end")'; sort notes.txt > sorted.txt; tail -1 sorted.txt`,
  },
  {
    name: 'provider-client',
    provider: true,
    script: `printf 'const headers={"x-api-key":process.env.PROVIDER_API_KEY};(async()=>{for(let i=0;i<4;i++){const f=new FormData();f.set("file",new Blob(["a".repeat(2000)]),"a.txt");const r=await fetch("https://api.provider.example/v1/files",{method:"POST",headers,body:f});console.log(r.status);}const g=await fetch("https://api.provider.example/v1/files",{headers});console.log(g.status);})();' > client.cjs
NODE client.cjs; curl -s -o /dev/null -w '%{http_code}\\n' -H "x-api-key: $PROVIDER_API_KEY" https://api.provider.example/v1/files; curl -s https://other.example/ || echo refused`,
  },
  {
    name: 'processes',
    script: `(sleep 1; ls >/dev/null) & (for i in 1 2 3; do sleep 0.2; date >/dev/null; done) & wait
NODE -e 'const c=require("child_process");c.execSync("ls");c.spawnSync("git",["--version"]);new Worker("data:text/javascript,");' 2>/dev/null || true
/usr/bin/python3 -c 'import subprocess,multiprocessing as m; subprocess.run(["true"]); p=m.get_context("fork").Process(target=print,args=("x",)); p.start(); p.join()'
timeout 1 sleep 5 || true; nice -n 5 true; sh -c 'kill -TERM $$' || true; nohup true >/dev/null 2>&1; perl -e 'print "x"' | cat; unshare -r true 2>/dev/null || true; gdb --version 2>/dev/null | head -1; strace -V 2>/dev/null | head -1`,
  },
  {
    name: 'config-work',
    script: `mkdir -p .github/workflows .vscode .claude/commands; echo 'on: push' > .github/workflows/ci.yml; echo '{}' > .vscode/settings.json; echo 'Review the diff.' > .claude/commands/review.md
echo '{"permissions":{"allow":["Bash(ls:*)"]}}' > .claude/settings.json; printf '# House rules\\n' > CLAUDE.md; sed -i 's/rules/notes/' CLAUDE.md; echo 'set -o vi' >> ~/.bashrc; printf '[user]\\nname=dev\\n' > ~/.gitconfig
printf '#!/bin/sh\\ntrue\\n' > hook.sh; chmod +x hook.sh; git init -q; cp hook.sh .git/hooks/pre-commit; git add -A; git -c user.email=dev@example.com commit -qm config; cat .git/hooks/pre-commit | wc -l`,
  },
];
