# A file written anew, synced and renamed over the old one is the old one or the new one, whole; with the directory synced the new.
. "$COMMON"
need xfs_io
scratch 64M
cd "$SCRATCH" || exit 1
fill 5000 a >file && fill 5000 a >other && sync -f .
fill 9000 b >file.new && sync file.new && mv file.new file && sync .
fill 9000 b >other.new && sync other.new && mv other.new other
cd /
scratch_shutdown
scratch_remount
cd "$SCRATCH" || exit 1
runs file
ls file*
{ cmp -s other <(fill 5000 a) || cmp -s other <(fill 9000 b); } && echo "the old or the new"
cd /
scratch_unmount
scratch_check
