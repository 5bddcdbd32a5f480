# fallocate takes blocks for a range, makes the file longer if need be, and leaves its content alone.
. "$COMMON"
need xfs_io
fill 5000 a >file
xfs_io -c "falloc 100 1000" file && show file
xfs_io -c "falloc 4000 100000" file && show file
runs file
[ "$(stat -c %b file)" -ge 200 ] && echo "blocks taken"
xfs_io -c "falloc 0 0" file 2>&1
xfs_io -r -c "falloc 0 4096" file 2>&1
xfs_io -c "falloc 0 9223372036854775807" file 2>&1
show file
