# ACLs are there after a remount, as attributes in the system namespace that other tools see.
. "$COMMON"
need_acls
need getfattr
scratch 64M
cd "$SCRATCH" || exit 1
mkdir dir && touch dir/file
setfacl -m u:1001:rw dir/file && setfacl -m u:1002:rx,d:g:1003:rw dir
cd / && scratch_remount && cd "$SCRATCH" || exit 1
getfacl -n dir dir/file
getfattr -m - dir | sort
ls -ld dir | cut -c1-11
cd /
scratch_unmount
scratch_check
