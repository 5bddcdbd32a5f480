# A write far behind the end leaves a hole that reads as zeroes and takes no blocks.
. "$COMMON"
need xfs_io
fill 100 a >file
xfs_io -c "pwrite -S 0x62 1048576 100" file
show file
runs file
[ "$(stat -c %b file)" -le 32 ] && echo "sparse"
cp --sparse=always file copy && cmp file copy && echo same
