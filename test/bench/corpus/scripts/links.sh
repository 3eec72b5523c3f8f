mkdir -p lib/v1 /tmp/cache
echo x > lib/v1/a
ln -s v1 lib/current
cat lib/current/a
ln -sfn /tmp/cache cache
echo hot > cache/b
cat cache/b
ln -s /usr/bin/python3 python
./python -c 'print(1)'
mkdir -p bin
ln -s ../lib/current/a bin/a
cp -rL bin copy
ln lib/v1/a hard
rm lib/current
ln -s /usr/share/doc doc
ls doc | head -1
npm link --help >/dev/null
