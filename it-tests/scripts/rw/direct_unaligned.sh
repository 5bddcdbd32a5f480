# A direct write at an odd offset is refused and changes nothing, or is done whole: open(2) leaves the choice.
. "$COMMON"
need xfs_io
fill 8192 a >file
cp file before
{ fill 100 a && fill 512 b && fill 7580 a; } >after
if found=$(xfs_io -d -c "pwrite -q -S 0x62 100 512" file 2>&1) && [ -z "$found" ]; then
  cmp file after && echo "as open(2) says"
else
  [ "$found" = "pwrite: Invalid argument" ] && cmp file before && echo "as open(2) says"
fi
show file
