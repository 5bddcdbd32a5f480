# What write(2) and truncate(2) do to a file shows in a mapping made before.
. "$COMMON"
need xfs_io
fill 8192 a >file
xfs_io -c "mmap -rw 0 8192" -c "mread -v 4092 8" -c "pwrite -q -S 0x62 4090 4" -c "mread -v 4088 8" \
  -c "truncate 4093" -c "truncate 8192" -c "mread -v 4088 8" file
runs file
