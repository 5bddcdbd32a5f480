# Reads at the end and behind it return nothing, reads across it what there is.
. "$COMMON"
need xfs_io
fill 5000 a >file
for offset in 4999 5000 5001 8192 1000000; do
  echo "$offset: $(dd if=file bs=1 skip="$offset" iflag=skip_bytes count=100 status=none 2>/dev/null | wc -c)"
done
dd if=file bs=4096 skip=1 status=none | wc -c
: >empty
wc -c <empty
{ cat >/dev/null; echo -n more >>file; cat; } <file
echo
