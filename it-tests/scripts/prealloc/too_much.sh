# An allocation larger than the filesystem is ENOSPC, and the file keeps its content and the filesystem its room.
. "$COMMON"
scratch 64M
cd "$SCRATCH" || exit 1
fill 5000 a >file
error_of fallocate -l 1G file
error_of fallocate -n -l 1G file
cmp -n 5000 file <(fill 5000 a) && truncate -s 5000 file
show file
fallocate -l 1M file && show file
fill 1000000 b >other && cmp other <(fill 1000000 b) && echo "room for others"
cd /
scratch_unmount
scratch_check
