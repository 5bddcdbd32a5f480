# A process that is killed leaves no lock behind.
. "$COMMON"
touch file
mkfifo ready
bash -c 'exec 3<file; flock -x 3; echo >ready; exec sleep 100' &
read -r <ready
flock -n -x file true || echo "held"
# bash itself may report the death, from any command between the two on.
{ kill -9 $! && wait $!; } 2>/dev/null
echo "ended with $?"
flock -w 5 -x file echo "free"
