# trusted attributes are root's to set and see; user ones follow the mode; names need a namespace.
. "$COMMON"
need setfattr getfattr setpriv
chmod 755 .
touch file && chmod 644 file
setfattr -n trusted.t -v root file && setfattr -n security.s -v label file && setfattr -n user.u -v user file
getfattr -d -m - file
as_user 1001 getfattr -d -m '^(user|trusted)' file
error_of as_user 1001 getfattr -n trusted.t file
error_of as_user 1001 setfattr -n trusted.t -v mine file
error_of as_user 1001 setfattr -n user.u -v mine file
error_of as_user 1001 setfattr -n security.s -v mine file
error_of setfattr -n nonsense.x -v x file
error_of setfattr -n plain -v x file
chmod 600 file
error_of as_user 1001 getfattr -n user.u file
getfattr -d -m - file
