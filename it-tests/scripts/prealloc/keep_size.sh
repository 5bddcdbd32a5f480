# fallocate with KEEP_SIZE takes blocks, and leaves size and content alone.
. "$COMMON"
fill 5000 a >file
before=$(stat -c %b file)
fallocate -n -o 0 -l 1M file
show file
[ "$(stat -c %b file)" -ge $((before + 1900)) ] && echo "blocks taken"
runs file
fallocate -o 0 -l 1M file
show file
runs file
