mkdir -p src
cp "$REPO"/packages/schema/src/*.ts src
rm -f src/*.test.ts
cat > tsconfig.json <<'END'
{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "outDir": "out",
    "noCheck": true,
    "rewriteRelativeImportExtensions": true,
    "skipLibCheck": true,
    "types": []
  },
  "include": ["src"]
}
END
"$NODE" "$REPO"/node_modules/typescript/bin/tsc -p . || true
ls out | wc -l
rm -rf out
"$NODE" "$REPO"/node_modules/typescript/bin/tsc -p . --incremental || true
find out -name '*.js' | wc -l
