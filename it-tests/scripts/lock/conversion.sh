# A shared lock becomes an exclusive one only when it is alone, and an exclusive one a shared one at once.
. "$COMMON"
touch file
exec 3<file 4<file
flock -s 3 && flock -s 4
flock -n -x 3 || echo "not alone"
flock -u 4
flock -n -x 3 && echo "alone"
flock -n -s 4 || echo "excluded"
flock -n -s 3 && flock -n -s 4 && echo "both share again"
