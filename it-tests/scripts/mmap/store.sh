# Stores through a shared mapping are read back by read(2), and the other way round.
. "$COMMON"
need xfs_io
fill 8192 a >file
xfs_io -c "mmap -r 0 8192" -c "pwrite -q -S 0x63 0 4" -c "mread -v 0 8" file | head -n 1
