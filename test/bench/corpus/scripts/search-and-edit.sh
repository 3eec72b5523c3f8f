cp -r "$REPO"/packages/detect/src src
cp "$REPO"/LICENSE "$REPO"/README.md .
grep -rn 'export function' src | wc -l
find src -name '*.ts' -newer README.md | wc -l
sed -i 's/Throws/throws/' src/*.ts
for f in src/*.ts; do head -1 "$f"; done | sort | uniq -c | sort -rn | head -3
diff -ru "$REPO"/packages/detect/src src | head -5 || true
awk 'length > 90' src/*.ts | wc -l
mv src/index.ts src/main.ts
ln -s main.ts src/index.ts
cat src/index.ts | wc -l
