# No file is as large as an offset can say: EFBIG, and the file stays as it was.
. "$COMMON"
need xfs_io
fill 10 a >file
error_of truncate -s 9223372036854775807 file
xfs_io -c "pwrite -q 9223372036854775806 1" file 2>&1
show file
runs file
