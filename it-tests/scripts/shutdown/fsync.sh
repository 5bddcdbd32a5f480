# What fsync returned for is there after the filesystem stopped without a warning.
. "$COMMON"
need xfs_io
scratch 64M
cd "$SCRATCH" || exit 1
xfs_io -f -c "pwrite -q -S 0x61 0 100000" -c fsync synced
xfs_io -f -c "pwrite -q -S 0x61 0 5000" -c fsync -c "pwrite -q -S 0x62 5000 5000" -c "pwrite -q -S 0x63 0 10" \
  -c fdatasync appended
fill 5000 d >truncated && truncate -s 100 truncated && sync truncated
cd /
scratch_shutdown
scratch_remount
cd "$SCRATCH" || exit 1
for file in synced appended truncated; do
  stat -c '%s %n' $file && runs $file
done
cd /
scratch_unmount
scratch_check
