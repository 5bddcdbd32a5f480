# Offsets behind 2, 4 and 100 GiB are themselves, not what is left of them in 32 bits.
. "$COMMON"
need xfs_io
fill 4096 a >file
for offset in 2147483647 4294967290 107374182400; do
  xfs_io -c "pwrite -q -S 0x62 $offset 10" file
  show file
  xfs_io -r -c "pread -v $offset 10" file | head -n 1
done
extents file
head -c 4096 file | cmp - <(fill 4096 a) && echo "the beginning is as it was"
xfs_io -c "pwrite -q -S 0x63 1099511627776 1" -c "truncate 4096" file
show file
extents file
