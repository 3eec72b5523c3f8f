mkdir test
for i in 1 2 3; do
  cat > test/$i.test.mjs <<END
import test from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
test('t$i', () => {
  writeFileSync('out-$i.txt', 'x');
  rmSync('out-$i.txt');
});
END
done
"$NODE" --test test/*.mjs | tail -3
"$NODE" -e 'console.log(require("fs").readdirSync(".").length)'
cp "$REPO"/package.json "$REPO"/package-lock.json .
"$NODE" -e 'console.log(Object.keys(require("./package-lock.json").packages).length)'
