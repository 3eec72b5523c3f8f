cat > work.py <<'END'
import csv, json, os, sqlite3, zipfile
rows = [(i, i * i) for i in range(500)]
with open("a.csv", "w") as f:
    csv.writer(f).writerows(rows)
with open("a.json", "w") as f:
    json.dump(rows, f)
db = sqlite3.connect("a.db")
db.execute("create table t(a,b)")
db.executemany("insert into t values(?,?)", rows)
db.commit()
with zipfile.ZipFile("a.zip", "w") as z:
    z.write("a.csv")
    z.write("a.json")
os.replace("a.json", "b.json")
os.remove("a.csv")
END
cat > test_it.py <<'END'
import unittest
class T(unittest.TestCase):
    def test(self):
        self.assertEqual(1 + 1, 2)
unittest.main()
END
/usr/bin/python3 work.py
/usr/bin/python3 test_it.py
/usr/bin/python3 -m compileall -q .
/usr/bin/python3 -m json.tool b.json | tail -1
/usr/bin/python3 -m zipfile -l a.zip
