# Which operations move mtime and ctime, of the file and of its directory.
. "$COMMON"
need setfattr
umask 022
mkdir dir
fill 10 a >dir/file
chown 1 dir/file
try() {
  echo "$*: $(times_of "$@")"
}
try dir/file chmod 600 dir/file
try dir/file chown 1001 dir/file
try dir/file ln dir/file dir/other
try dir/file mv dir/other dir/third
try dir/file rm dir/third
try dir/file setfattr -n user.x -v x dir/file
try dir/file truncate -s 5 dir/file
try dir/file truncate -s 5 dir/file
try dir/file touch -d 2001-02-03 dir/file
try dir/file cat dir/file
try dir/file dd if=/dev/zero of=dir/file bs=1 count=1 conv=notrunc status=none
try dir touch dir/new
try dir chmod 700 dir/new
try dir mv dir/new dir/newer
try dir rm dir/newer
try dir mkdir dir/sub
try dir touch dir/sub/file
try dir ls dir
