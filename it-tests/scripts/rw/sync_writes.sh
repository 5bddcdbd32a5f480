# Writes with O_SYNC and O_DSYNC, and those followed by fsync and fdatasync, leave what plain writes leave.
. "$COMMON"
need xfs_io
fill 3000 a | dd of=sync oflag=sync bs=1000 status=none
fill 3000 b | dd of=dsync oflag=dsync bs=1000 status=none
fill 3000 c | dd of=sync oflag=sync,append conv=notrunc bs=1000 status=none
fill 3000 d | dd of=fsync conv=fsync bs=700 iflag=fullblock status=none
fill 3000 e | dd of=fdatasync conv=fdatasync bs=700 iflag=fullblock status=none
xfs_io -s -c "pwrite -q -S 0x66 4096 10" -c fsync -c fdatasync dsync
sync file 2>/dev/null || echo "no such file to sync"
sync sync && sync -d dsync && sync -f fsync && echo synced
for file in sync dsync fsync fdatasync; do
  show $file
  runs $file
done
