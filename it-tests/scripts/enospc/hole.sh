# A write into a hole larger than what is free ends early; what is not written still reads as zeroes.
. "$COMMON"
need xfs_io
scratch 16M
cd "$SCRATCH" || exit 1
truncate -s 50M sparse
xfs_io -c "pwrite -q -S 0x61 40000000 10" -c fsync sparse
xfs_io -c "pwrite -q -S 0x62 1000000 30000000" sparse >/dev/null 2>&1
written=$(tr -dc b <sparse | wc -c)
[ "$written" -gt 1000000 ] && [ "$written" -lt 16777216 ] && echo "as much as there was room for"
cmp -n 1000000 sparse /dev/zero && cmp -n "$written" -i 1000000:0 sparse <(fill "$written" b) && echo "in its place"
tr -d 'b\0' <sparse && echo && show sparse
xfs_io -c "fpunch 1000000 30000000" -c fsync sparse
xfs_io -c "pwrite -q -S 0x63 20000000 10" -c fsync sparse
tr -d '\0' <sparse && echo
cd /
scratch_unmount
scratch_check
