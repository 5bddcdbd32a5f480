# A write that finds room for a part reports just that part, and the part is in the file.
. "$COMMON"
scratch 64M
cd "$SCRATCH" || exit 1
fill 10 a >before
fill 200000000 x 2>"$WORK/error" >file
grep -o "No space left on device" "$WORK/error"
size=$(stat -c %s file)
[ "$size" -gt 30000000 ] && [ "$size" -lt 67108864 ] && echo "most of it"
cmp -n "$size" file <(fill "$size" x) && echo "what was written is there"
truncate -s 1000 file && sync -f . && fill 1000000 b >after && cmp after <(fill 1000000 b) && cat before
echo
cd /
scratch_unmount
scratch_check
