cd ../archive
cat notes.txt
for day in 1 2 3; do echo "day $day" > report-$day.txt; echo "day $day" >> notes.txt; done
mkdir 2026
cp report-1.txt 2026/
mv report-2.txt 2026/
tar czf all.tgz report-*.txt
gzip -k report-3.txt
touch index
wc -l notes.txt
/usr/bin/python3 -c 'open("new.bin","wb").write(b"x"*1000); open("notes.txt","a").write("end")'
sort notes.txt > sorted.txt
tail -1 sorted.txt
