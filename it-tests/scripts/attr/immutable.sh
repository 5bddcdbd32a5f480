# An immutable file can not be written, renamed, linked, removed or given another mode, not by root either.
. "$COMMON"
need chattr lsattr
fill 10 a >file
mkdir dir && touch dir/inside
chattr +i file dir || not_run "no chattr +i here"
lsattr -d file dir | cut -c5,22-
{ echo b >>file; } 2>&1 | sed 's/.*: //'
{ echo b >file; } 2>&1 | sed 's/.*: //'
error_of truncate -s 0 file
error_of chmod 600 file
error_of chown 1 file
error_of touch -d 2020-01-01 file
error_of rm -f file
error_of rename.ul file other file
error_of ln file other
error_of touch dir/new
error_of rm -f dir/inside
cat file && echo && ls dir
{ echo changed >dir/inside; } && cat dir/inside
chattr -i file dir && echo b >>file && rm dir/inside && cat file
