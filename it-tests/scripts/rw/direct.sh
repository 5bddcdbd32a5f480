# Direct and buffered reads and writes of one file see each other's bytes.
. "$COMMON"
need xfs_io
xfs_io -f -d -c "pwrite -q -S 0x61 0 16384" file
runs file
xfs_io -c "pwrite -q -S 0x62 4000 200" file
dd if=file iflag=direct bs=4096 status=none >copy && runs copy
xfs_io -d -c "pwrite -q -S 0x63 8192 4096" file
runs file
xfs_io -d -c "pread -q 0 4096" -c "truncate 5000" file
dd if=file iflag=direct bs=4096 status=none | wc -c
