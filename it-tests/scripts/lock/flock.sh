# flock(2): exclusive locks exclude, shared ones share, and a close lets go.
. "$COMMON"
need flock
touch file
exec 3<file
flock -x 3
flock -n -x file true || echo "excluded"
flock -n -s file true || echo "shared excluded too"
exec 3<&-
flock -n -x file echo "free again"
exec 3<file 4<file
flock -s 3 && flock -n -s 4 && echo "both share"
flock -n -x file true || echo "no writer beside them"
