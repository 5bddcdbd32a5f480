# Bytes of the last page behind the file's end read as zeroes, and what is stored there never reaches the file.
. "$COMMON"
need xfs_io
fill 100 a >file
xfs_io -c "mmap -rw 0 4096" -c "mread -v 96 8" -c "mwrite -S 0x62 90 20" -c msync file
show file
runs file
truncate -s 4096 file
runs file
