# Punching and zeroing under a mapping shows in the mapping, and the mapping can be stored to afterwards.
. "$COMMON"
need xfs_io
fill 16384 a >file
xfs_io -c "mmap -rw 0 16384" -c "mwrite -S 0x62 0 16384" -c "fpunch 4096 4096" -c "mread -v 4092 8" \
  -c "fzero 10000 100" -c "mread -v 9996 8" -c "mwrite -S 0x63 5000 10" file
runs file
extents file
