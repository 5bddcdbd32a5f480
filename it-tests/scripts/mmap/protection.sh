# A shared mapping for storing needs the file open for writing: EACCES otherwise, and the file is as it was.
. "$COMMON"
need xfs_io
fill 4096 a >file
xfs_io -r -c "mmap -rw 0 4096" file 2>&1
xfs_io -r -c "mmap -r 0 4096" -c "mread -v 0 4" file
xfs_io -r -c "mmap -r 0 0" file 2>&1
runs file
times_of file xfs_io -c "mmap -rw 0 4096" -c "mwrite -S 0x62 0 1" -c msync file
