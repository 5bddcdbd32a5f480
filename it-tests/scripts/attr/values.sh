# Values of 2000 bytes and of any bytes come back as they are, next to many small ones, after a remount too.
. "$COMMON"
need setfattr getfattr
scratch 512M
cd "$SCRATCH" || exit 1
touch file
setfattr -n user.big -v "$(fill 2000 v)" file
setfattr -n user.bytes -v 0x00ff0a225c00 file
for i in {1..20}; do setfattr -n "user.small$i" -v "value $i" file; done
cd / && scratch_remount && cd "$SCRATCH" || exit 1
getfattr --only-values -n user.big file | runs /dev/stdin
getfattr --only-values -n user.bytes file | od -An -tx1
getfattr -d -m small file | grep small | sort -V
for i in {1..20}; do setfattr -x "user.small$i" file; done
getfattr -m - file | grep user | sort
cd /
scratch_unmount
scratch_check
