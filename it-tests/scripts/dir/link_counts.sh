# Link counts: a directory's is two and one for each subdirectory, a file's the number of its names.
. "$COMMON"
need rename.ul
mkdir dir && stat -c %h dir
mkdir dir/{a,b,c} && touch dir/file && stat -c %h dir
rmdir dir/a && stat -c %h dir
mkdir other && rename.ul dir/b other/b dir/b && stat -c %h dir other
mkdir dir/x && rename.ul dir/x other/b dir/x && stat -c %h dir other
for i in {1..100}; do ln dir/file "dir/link$i"; done
stat -c %h dir/file dir/link7
rm dir/link?? && stat -c %h dir/file
error_of ln dir dirlink
error_of ln dir/file dir/link1
ln -s missing dangling && ln dangling second && stat -c '%h %F' second
