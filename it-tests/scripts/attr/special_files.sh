# User attributes are for files and directories: EPERM on symlinks and fifos, and in a sticky directory of another.
. "$COMMON"
need setfattr getfattr setpriv
ln -s nowhere link && mkfifo pipe && mknod device c 1 3
for file in link pipe device; do
  error_of setfattr -h -n user.x -v x $file
done
setfattr -h -n trusted.x -v x link && getfattr -h -d -m - link
setfattr -n trusted.x -v x pipe && getfattr -d -m - pipe
chmod 755 . && mkdir sticky plain && chmod 1777 sticky && chmod 777 plain
error_of as_user 1001 setfattr -n user.x -v x sticky
as_user 1001 setfattr -n user.x -v x plain && getfattr -d plain
