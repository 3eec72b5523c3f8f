for i in $(seq 1 40); do echo "$i $((i * i))" >> squares.txt; done
sort -rn squares.txt | head -1
wc -l squares.txt
env | sort | head -3
date
uname -a
id
df -h . | tail -1
ps 2>/dev/null | tail -1
mktemp
sleep 0.1
(echo background &) 
xargs -n 4 echo < squares.txt | tail -1
mkfifo pipe
(echo through > pipe &)
cat pipe
chmod 600 squares.txt
touch -d yesterday squares.txt
: > empty
truncate -s 0 squares.txt
