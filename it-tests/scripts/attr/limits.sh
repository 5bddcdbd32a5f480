# A name has at most 255 bytes, a value at most 64 KiB; what is refused leaves no trace.
. "$COMMON"
need setfattr getfattr
touch file
name=user.$(fill 250 n)
setfattr -n "$name" -v long file && getfattr -d file | grep -c "$name=\"long\""
error_of setfattr -n "${name}n" -v longer file
error_of setfattr -n user.big -v "$(fill 65537 v)" file
getfattr -d file | grep -vc '^$'
