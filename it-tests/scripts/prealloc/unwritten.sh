# Blocks that were set aside read as zeroes, and a write into their middle leaves zeroes around it.
. "$COMMON"
need xfs_io
xfs_io -f -c "falloc 0 65536" file
runs file
xfs_io -c "pwrite -q -S 0x61 20000 100" -c fsync file
runs file
xfs_io -d -c "pwrite -q -S 0x62 40960 4096" file
runs file
before=$(stat -c %b file)
xfs_io -c "pwrite -q -S 0x63 0 65536" -c fsync file
runs file
[ "$(stat -c %b file)" -lt $((before + 64)) ] && echo "no blocks more"
