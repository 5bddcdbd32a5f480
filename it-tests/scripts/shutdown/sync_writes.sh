# A write through O_SYNC or O_DSYNC that returned is there afterwards, and so is a store that msync returned for.
. "$COMMON"
need xfs_io
scratch 64M
cd "$SCRATCH" || exit 1
fill 5000 a | dd of=sync oflag=sync bs=1000 iflag=fullblock status=none
fill 5000 b | dd of=dsync oflag=dsync bs=1000 iflag=fullblock status=none
fill 8192 c >mapped && xfs_io -c fsync -c "mmap -rw 0 8192" -c "mwrite -S 0x64 4090 10" -c "msync -s" mapped
sync .
cd /
scratch_shutdown
scratch_remount
cd "$SCRATCH" || exit 1
runs sync && runs dsync && runs mapped
cd /
scratch_unmount
scratch_check
