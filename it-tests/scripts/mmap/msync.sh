# What msync returned for is in the file, on a filesystem that is unmounted and mounted again.
. "$COMMON"
need xfs_io
scratch 64M
fill 16384 a >"$SCRATCH/file"
xfs_io -c "mmap -rw 0 16384" -c "mwrite -S 0x62 4000 200" -c "msync -s 0 8192" -c "mwrite -S 0x63 9000 100" \
  -c "msync -a" "$SCRATCH/file"
runs "$SCRATCH/file"
scratch_remount
runs "$SCRATCH/file"
scratch_unmount
scratch_check
