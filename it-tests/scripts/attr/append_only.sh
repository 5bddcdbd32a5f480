# An append-only file takes appends and nothing else; in an append-only directory names are made, none removed.
. "$COMMON"
need chattr
fill 10 a >file
mkdir dir && touch dir/inside
chattr +a file dir || not_run "no chattr +a here"
echo b >>file && echo "appended"
{ echo c >file; } 2>&1 | sed 's/.*: //'
error_of dd if=/dev/null of=file conv=notrunc status=none
error_of truncate -s 0 file
error_of rm -f file
error_of chmod 600 file
touch dir/new && echo "made"
error_of rm -f dir/inside
error_of mv dir/inside dir/other
ls dir
cat file
chattr -a file dir && : >file && rm dir/inside && ls dir
