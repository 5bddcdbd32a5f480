# On a full filesystem what is there can be overwritten, read, renamed and removed.
. "$COMMON"
scratch 64M
cd "$SCRATCH" || exit 1
fill 1000000 a >file && fill 1000000 b >other && mkdir dir
fill 100000000 x 2>/dev/null >filler
fill 100000000 x 2>/dev/null >>filler
fill 1000000 c | dd of=file conv=notrunc,fsync bs=100000 iflag=fullblock status=none
cmp file <(fill 1000000 c) && cmp other <(fill 1000000 b) && echo "overwritten, and no other"
mv file dir/moved && chmod 600 dir/moved && show dir/moved
truncate -s 500000 other && rm filler && sync -f . && ls . dir | grep -v lost+found
cmp other <(fill 500000 b)
cd /
scratch_unmount
scratch_check
