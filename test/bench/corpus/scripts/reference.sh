cd ../reference
ls
cat notes.txt
git status -s 2>/dev/null || true
/usr/bin/python3 -m compileall -q . 2>/dev/null || true
/usr/bin/python3 -c 'import helper; print(helper.ONE)'
test -w . || echo 'read only'
cp -r . ../reference-workspace-copy 2>/dev/null || cp -r . "$OLDPWD/copy"
cd "$OLDPWD"
echo more >> copy/notes.txt
diff -r copy ../reference || true
