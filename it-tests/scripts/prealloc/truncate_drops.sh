# truncate gives back what was set aside behind the file's end.
. "$COMMON"
fill 5000 a >file
fallocate -n -o 0 -l 4M file
[ "$(stat -c %b file)" -ge 8192 ] && echo "4 MiB set aside"
truncate -s 4999 file
[ "$(stat -c %b file)" -le 64 ] && echo "given back"
runs file
truncate -s 1M file
runs file
