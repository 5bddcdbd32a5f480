# A file without a name is read and written through what has it open.
. "$COMMON"
fill 5000 a >file
exec 3<>file 4>>file
rm file
ls -A
stat -L -c '%h %s' /dev/fd/3
fill 5000 b >&4
stat -L -c '%h %s' /dev/fd/3
cat <&3 | runs /dev/stdin
truncate -s 100 /proc/$$/fd/4
stat -L -c '%h %s' /dev/fd/3
echo new >file && cat file
stat -L -c '%h %s' /dev/fd/3
