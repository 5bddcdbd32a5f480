# User attributes are set, replaced, listed and removed, on files and directories, and outlive a rename.
. "$COMMON"
need setfattr getfattr
touch file && mkdir dir
setfattr -n user.one -v 1 file && setfattr -n user.two -v "a longer value" file && setfattr -n user.empty file
getfattr -d file
setfattr -n user.one -v "another value" file && setfattr -x user.two file
mv file dir/moved && ln dir/moved other
getfattr -d other
setfattr -n user.dir -v yes dir && getfattr -d dir
error_of getfattr -n user.two other
error_of setfattr -x user.two other
