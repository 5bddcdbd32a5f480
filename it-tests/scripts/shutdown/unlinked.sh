# A file that was removed while open is gone after a shutdown, with its blocks.
. "$COMMON"
need xfs_io
scratch 64M
cd "$SCRATCH" || exit 1
before=$(df --output=avail . | tail -n 1)
fill 10000000 a >file
exec 3<file
sync -f . && rm file && sync -f .
cd /
scratch_shutdown
exec 3<&-
scratch_remount
ls "$SCRATCH" | grep -v lost+found
after=$(df --output=avail "$SCRATCH" | tail -n 1)
[ $((before - after)) -lt 1000 ] && echo "its blocks are free"
scratch_unmount
scratch_check
