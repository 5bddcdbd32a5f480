# Cutting a file inside a block, at its edge and to nothing loses what lies behind, also when the file grows again.
. "$COMMON"
for size in 8193 8192 8191 4097 1 0; do
  fill 12288 a >file
  truncate -s "$size" file
  show file
  truncate -s 12288 file
  runs file
done
