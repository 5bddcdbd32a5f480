# When no name can be made any more it is ENOSPC; those made are all there, and can all be removed.
. "$COMMON"
scratch 16M
cd "$SCRATCH" || exit 1
fill 100000000 x 2>/dev/null >filler
made=0
while mkdir "dir$made" 2>"$WORK/error"; do
  made=$((made + 1))
  [ $made -lt 20000 ] || break
done
sed 's/.*: //' "$WORK/error"
[ "$(find . -name 'dir*' | wc -l)" = $made ] && echo "all there"
rmdir dir* 2>/dev/null
find . -name 'dir*' | wc -l
rm filler && sync -f . && mkdir again && echo content >again/file && cat again/file
cd /
scratch_unmount
scratch_check
