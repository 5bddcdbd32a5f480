# A lock does not ask how the file was opened, and hinders neither reading nor writing nor removing.
. "$COMMON"
need setpriv
chmod 755 . && echo content >file && chmod 644 file
exec 3<file 4>>file
flock -x 3 && flock -n -x 4 || echo "exclusive on a file open for reading"
flock -u 3 && flock -n -x 4 && echo "and on one open for writing"
echo more >>file && cat file
as_user 1001 flock -n -s file true || echo "another user is excluded as well"
flock -u 4
as_user 1001 bash -c 'exec 5<file; flock -n -x 5 && echo "and locks what he can read"'
flock -x 4 && rm file && ls
