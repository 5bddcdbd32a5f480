# zero_range makes zeroes to the byte and longer files, with keep size no longer ones.
. "$COMMON"
need xfs_io
fill 20000 a >file
xfs_io -c "fzero 100 50" -c "fzero 5000 8000" file
show file
runs file
xfs_io -c "fzero -k 19000 10000" file
show file
runs file
xfs_io -c "fzero 19990 10010" file
show file
runs file
[ "$(stat -c %b file)" -ge 56 ] && echo "blocks for all of it"
