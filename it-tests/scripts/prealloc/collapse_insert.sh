# Taking a range out of a file or putting one in is done right, or refused and then nothing changes.
. "$COMMON"
need xfs_io
{ fill 65536 a && fill 65536 b && fill 65536 c; } >file
cp file before
result=$(xfs_io -c "fcollapse 65536 65536" file 2>&1)
case $result in
  '') cmp file <(fill 65536 a && fill 65536 c) && echo right ;;
  *"not supported") cmp file before && echo right ;;
esac
cp before file
result=$(xfs_io -c "finsert 65536 65536" file 2>&1)
case $result in
  '') cmp file <(fill 65536 a && fill 65536 '\0' && fill 65536 b && fill 65536 c) && echo right ;;
  *"not supported") cmp file before && echo right ;;
esac
