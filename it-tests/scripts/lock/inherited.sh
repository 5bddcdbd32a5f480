# A lock belongs to the open file: children and duplicates hold it too, and it ends with the last of them.
. "$COMMON"
touch file
exec 3<file
flock -x 3
(flock -n -x 3 && echo "the child's own")
exec 4<&3 3<&-
flock -n -x file true || echo "held by the duplicate"
mkfifo end
cat end >/dev/null &
child=$!
exec 5>end 4<&-
flock -n -x file true || echo "held by the child"
exec 5>&-
wait $child
flock -n -x file echo "free"
