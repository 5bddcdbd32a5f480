# A full filesystem says so, loses nothing, and takes data again once something was deleted.
. "$COMMON"
scratch 64M
cd "$SCRATCH" || exit 1
i=0
while fill 1000000 x >"file$i" 2>/dev/null; do
  i=$((i + 1))
done
[ $i -gt 20 ] && echo "many files"
error_of fill 2000000 y | head -n 0
echo more >small 2>/dev/null
cmp <(fill 1000000 x) file0 && echo "file0 is whole"
rm file1 file2 file3 && sync -f .
fill 1000000 z >again && cmp <(fill 1000000 z) again && echo "room again"
find . -maxdepth 1 -type f -delete
cd / && scratch_remount && ls "$SCRATCH" | grep -v lost+found
scratch_unmount
scratch_check
