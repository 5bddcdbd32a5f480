# A file punched from end to end keeps its size and gives its blocks back; punching behind the end changes nothing.
. "$COMMON"
need xfs_io
fill 1048576 a >file
sync -f file
xfs_io -r -c "fpunch 0 4096" file 2>&1
xfs_io -c "fpunch 1048576 65536" file
show file
[ "$(stat -c %b file)" -ge 2048 ] && echo "all its blocks"
xfs_io -c "fpunch 0 99999999" file
show file
runs file
extents file
[ "$(stat -c %b file)" -le 16 ] && echo "none left"
