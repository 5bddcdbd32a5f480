# Overwrites inside a block and over block edges change their own bytes only, and the size not at all.
. "$COMMON"
need xfs_io
fill 20000 a >file
xfs_io -c "pwrite -q -S 0x62 10 5" -c "pwrite -q -S 0x63 4090 12" -c "pwrite -q -S 0x64 8192 4096" \
  -c "pwrite -q -S 0x65 19999 1" file
show file
runs file
