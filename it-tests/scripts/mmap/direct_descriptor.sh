# A descriptor for direct I/O can be mapped too; stores, direct and cached I/O see each other.
. "$COMMON"
need xfs_io
fill 8192 a >file
xfs_io -d -c "mmap -rw 0 8192" -c "mwrite -S 0x62 0 4" -c "mwrite -S 0x62 4096 4" -c "pread -v 0 4096" file | head -n 1
xfs_io -d -c "mmap -rw 0 8192" -c "mread -v 0 8" -c "pwrite -q -S 0x63 4096 4096" -c "mread -v 4096 8" file
runs file
xfs_io -c "pwrite -q -S 0x64 10 2" file
xfs_io -d -c "pread -v 0 4096" file | head -n 1
