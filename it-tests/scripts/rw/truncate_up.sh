# A file that grows by truncate ends in zeroes and takes no blocks for them.
. "$COMMON"
fill 100 a >file
blocks=$(stat -c %b file)
for size in 101 4096 4097 1000000; do
  truncate -s "$size" file
  show file
  runs file
done
[ "$(stat -c %b file)" = "$blocks" ] && echo "no more blocks"
echo -n end >>file
tail -c 5 file | od -An -c
