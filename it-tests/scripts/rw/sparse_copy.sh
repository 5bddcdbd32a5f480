# cp carries holes over, or fills them when told so; the content is one and the same.
. "$COMMON"
need xfs_io
xfs_io -f -c "pwrite -q -S 0x61 1048576 4096" -c "pwrite -q -S 0x62 3145728 4096" -c "truncate 4194304" file
extents file
cp --sparse=always file always && cmp file always && extents always
cp --sparse=never file never && cmp file never && extents never
cp --reflink=auto file plain && cmp file plain && [ "$(stat -c %b plain)" -le 64 ] && echo "still sparse"
