# A store into a hole through a mapping takes blocks, and the zeroes around it stay zeroes.
. "$COMMON"
need xfs_io
truncate -s 1M file
xfs_io -c "mmap -rw 0 1048576" -c "mread 0 1048576" file >/dev/null
[ "$(stat -c %b file)" = 0 ] && echo "reading takes none"
xfs_io -c "mmap -rw 0 1048576" -c "mwrite -S 0x61 500000 10" -c msync file
runs file
[ "$(stat -c %b file)" -ge 8 ] && echo "storing takes some"
