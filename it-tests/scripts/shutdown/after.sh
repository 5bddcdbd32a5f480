# After a shutdown nothing can be changed, by those who have files open neither, and an unmount goes through.
. "$COMMON"
need xfs_io
scratch 64M
cd "$SCRATCH" || exit 1
fill 5000 a >file && sync -f .
exec 3>>file
cd /
scratch_shutdown
error_of touch "$SCRATCH/new"
error_of mkdir "$SCRATCH/dir"
error_of mv "$SCRATCH/file" "$SCRATCH/moved"
echo more 2>/dev/null >&3 && sync "/proc/$$/fd/3" 2>/dev/null && echo "written after all"
exec 3>&-
scratch_remount
ls "$SCRATCH" | grep -v lost+found
runs "$SCRATCH/file"
touch "$SCRATCH/new" && echo "writable again"
scratch_unmount
scratch_check
