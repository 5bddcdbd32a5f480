# fsync covers what was stored through a mapping, holes included.
. "$COMMON"
need xfs_io
scratch 64M
xfs_io -f -c "truncate 1048576" -c "mmap -rw 0 1048576" -c "mwrite -S 0x61 0 10" -c "mwrite -S 0x62 524288 8192" \
  -c "mwrite -S 0x63 1048575 1" -c fsync "$SCRATCH/file"
scratch_remount
show "$SCRATCH/file"
runs "$SCRATCH/file"
[ "$(stat -c %b "$SCRATCH/file")" -lt 2048 ] && echo "still sparse"
scratch_unmount
scratch_check
