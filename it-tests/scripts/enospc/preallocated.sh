# What was preallocated takes its data on a full filesystem, also where that cuts it into many pieces.
. "$COMMON"
need xfs_io fallocate
scratch 64M
cd "$SCRATCH" || exit 1
fallocate -l 16M file
fill 200000000 x 2>/dev/null >most
while fill 4096 x 2>/dev/null >>rest; do :; done
for first in 1 0; do
  seq "$first" 2 4095 | awk '{ print "pwrite -q -S 0x61", $1 * 4096, 4096 }' | xfs_io file 2>&1 >/dev/null | sort | uniq -c
done
xfs_io -c fsync file
cmp file <(fill 16777216 a) && echo "all of it"
cd /
scratch_unmount
scratch_check
