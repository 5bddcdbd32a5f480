# O_TRUNC empties a file that others have open; their next write lands at their own offset.
. "$COMMON"
fill 6000 a >file
exec 3<>file
head -c 100 <&3 >/dev/null
dd bs=5000 count=1 status=none <&3 | wc -c
: >file
show file
cat <&3
printf b >&3
[ "$(stat -c %s file)" -gt 4096 ] && echo "a hole before it"
tr -d '\0' <file
echo
