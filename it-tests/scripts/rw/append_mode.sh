# With O_APPEND each write goes to the end, whatever offset it names, and two appenders lose nothing of each other.
. "$COMMON"
need xfs_io
fill 100 a >file
xfs_io -a -c "pwrite -q -S 0x62 0 50" -c "pwrite -q -S 0x63 10 50" file
runs file
for who in 1 2 3 4; do
  for i in {1..50}; do echo "line of $who"; done >>lines &
done
wait
sort lines | uniq -c | awk '{ print $1, $2, $3, $4 }'
