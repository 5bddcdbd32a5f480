# A default ACL of three entries sets just the mode of what is made: files without execution, directories as it says.
. "$COMMON"
need_acls
mkdir dir && setfacl -d -m u::rwx,g::rwx,o::rx dir
touch dir/file && mkdir dir/sub
stat -c '%A %n' dir/file dir/sub
getfacl -n --omit-header dir/file dir/sub
(umask 0 && touch dir/open && stat -c '%A %n' dir/open)
