# Who waits for a lock gets it when it is let go, one after the other; who waits for a time only gives up.
. "$COMMON"
echo 0 >count
touch file
exec 3<file
flock -x 3
flock -w 0.2 -x file true || echo "gave up: $?"
for i in {1..10}; do
  flock -x file bash -c 'n=$(<count); sleep 0.02; echo $((n + 1)) >count' 3<&- &
done
sleep 0.2
cat count
flock -u 3
wait
cat count
