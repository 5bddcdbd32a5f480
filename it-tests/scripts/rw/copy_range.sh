# copy_file_range copies within a file and between files, stops at the source's end, and refuses an overlap.
. "$COMMON"
need xfs_io
{ fill 5000 a && fill 5000 b; } >from
xfs_io -f -c "copy_range -s 4000 -d 100 -l 2000 from" to
runs to
xfs_io -c "copy_range -s 9000 -d 0 -l 50000 from" to 2>/dev/null
runs to
xfs_io -c "copy_range -s 0 -d 12000 -l 1000 from" from
runs from
xfs_io -c "copy_range -s 0 -d 500 -l 1000 from" from
runs from
