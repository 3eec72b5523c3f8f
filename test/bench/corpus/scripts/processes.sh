(sleep 1; ls >/dev/null) & (for i in 1 2 3; do sleep 0.2; date >/dev/null; done) & wait
cat > children.cjs <<'END'
const { execSync, spawnSync } = require('node:child_process');
execSync('ls');
spawnSync('git', ['--version']);
END
"$NODE" children.cjs
cat > children.py <<'END'
import multiprocessing, subprocess
subprocess.run(["true"])
child = multiprocessing.get_context("fork").Process(target=print, args=("x",))
child.start()
child.join()
END
/usr/bin/python3 children.py
timeout 1 sleep 5 || true
nice -n 5 true
sh -c 'kill -TERM $$' || true
nohup true >/dev/null 2>&1
perl -e 'print "x"' | cat
unshare -r true 2>/dev/null || true
gdb --version 2>/dev/null | head -1
strace -V 2>/dev/null | head -1
