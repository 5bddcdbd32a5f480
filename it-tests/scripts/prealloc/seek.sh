# SEEK_DATA and SEEK_HOLE find holes, data and the end, and say ENXIO behind it.
. "$COMMON"
need xfs_io
xfs_io -f -c "pwrite -q -S 0x61 0 4096" -c "pwrite -q -S 0x61 16384 8192" -c "truncate 40960" file
extents file
xfs_io -c "seek -d 0" -c "seek -d 4096" -c "seek -d 24575" -c "seek -d 24576" -c "seek -h 0" -c "seek -h 5000" \
  -c "seek -h 16384" -c "seek -h 40959" -c "seek -d 40960" -c "seek -h 40960" file | grep -v Whence
xfs_io -c "fpunch 16384 4096" file && extents file
xfs_io -c "pwrite -q -S 0x62 32768 1" file && extents file
truncate -s 20000 file && extents file
: >file && extents file
truncate -s 5000 file && extents file
