cp -r "$REPO"/packages/detect/src src
cp "$REPO"/LICENSE "$REPO"/README.md .
tar czf a.tgz src
mkdir x
tar xzf a.tgz -C x
rm -r src
mv x/src src
gzip -k README.md
gunzip -f README.md.gz
cp -a src copy
rm -rf copy/*.ts
rmdir copy/* 2>/dev/null || true
du -sh . 
sha256sum README.md
split -n 4 a.tgz part.
cat part.* > b.tgz
cmp a.tgz b.tgz
