# Locks on different files do not meet; two names of one file are one lock, and it outlives the names.
. "$COMMON"
touch one two && ln one name && mkdir dir
exec 3<one 4<dir
flock -x 3
flock -n -x two echo "two is free"
flock -n -x name true || echo "name is locked"
mv one moved && rm name
flock -n -x moved true || echo "moved is locked"
rm moved && touch moved
flock -n -x moved echo "a new file of that name is not"
flock -x 4
flock -n -x dir true || echo "directories lock too"
flock -u 4 && flock -n -s dir echo "and unlock"
