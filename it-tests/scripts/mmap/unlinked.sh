# A file without a name can still be mapped, read and stored to through a descriptor that is open.
. "$COMMON"
need xfs_io
fill 8192 a >file
exec 3<>file
rm file
xfs_io -c "mmap -rw 0 8192" -c "mwrite -S 0x62 0 4" -c "mread -v 0 8" -c msync /proc/$$/fd/3
ls -A
runs /proc/$$/fd/3
echo new >file
xfs_io -r -c "mmap -r 0 8192" -c "mread -v 0 8" /proc/$$/fd/3
