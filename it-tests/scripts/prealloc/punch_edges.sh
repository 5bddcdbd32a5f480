# A punched range reads as zeroes to the byte; only whole blocks in it become holes.
. "$COMMON"
need xfs_io
for range in "100 100" "4000 200" "4096 4096" "4095 4098" "0 12288" "12000 4384" "16383 1"; do
  fill 16384 a >file
  echo "punch $range"
  xfs_io -c "fpunch $range" file
  show file
  runs file
  extents file
done
