# Two mappings of one file, through two descriptors and two processes, show each other's stores.
. "$COMMON"
need xfs_io
fill 8192 a >file
ln file other
xfs_io -c "mmap -rw 0 8192" -c "open other" -c "mmap -rw 4096 4096" -c "mwrite -S 0x62 4096 4" -c "mmap 0" \
  -c "mread -v 4096 8" -c "mwrite -S 0x63 4102 2" -c "mmap 1" -c "mread -v 4096 8" file | grep ^0
xfs_io -r -c "mmap -r 0 8192" -c "mread -v 4096 8" file
runs file
