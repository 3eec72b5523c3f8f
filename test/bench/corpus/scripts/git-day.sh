export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com
export GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git config --global init.defaultBranch main
cp -r "$REPO"/packages/detect/src src
cp "$REPO"/LICENSE "$REPO"/README.md .
git init -q && git add . && git commit -qm 'first'
for i in 1 2 3 4 5 6; do echo "// $i" >> src/index.ts; git commit -qam "change $i"; done
git checkout -qb feature
echo more >> README.md
git commit -qam feature
git checkout -q main
echo other >> LICENSE
git commit -qam other
git merge -q --no-edit feature
git rebase -q HEAD~1 || git rebase --abort
git log --oneline -5
git log -p -2 | wc -l
git log --all --oneline | wc -l
git reflog | head -3
git stash list
echo dirty >> README.md
git stash -q
git stash pop -q
git diff --stat
git blame README.md | tail -1
git show --stat HEAD | tail -1
git gc -q
git fsck
git status -s
