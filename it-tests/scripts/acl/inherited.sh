# What is made in a directory with a default ACL has that ACL, cut by the mode asked for, and umask plays no part.
. "$COMMON"
need_acls
mkdir dir && setfacl -d -m u::rwx,g::rx,o::-,u:1001:rwx dir
getfacl -n dir
(umask 077 && touch dir/file && mkdir dir/sub && mkfifo dir/pipe)
getfacl -n --omit-header dir/file dir/sub dir/pipe
touch dir/sub/deeper && getfacl -n --omit-header dir/sub/deeper
ln -s file dir/link && touch plain && mv plain dir/moved && getfacl -n --omit-header dir/moved
(umask 077 && touch outside && stat -c %a outside)
setfacl -k dir && (umask 027 && touch dir/after) && getfacl -n --omit-header dir/after
