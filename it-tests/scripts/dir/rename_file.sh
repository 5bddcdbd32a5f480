# rename over a file replaces it in one step: who had the old one open keeps it, its other names stay.
. "$COMMON"
need rename.ul
echo new >new && echo old >old && ln old kept
exec 3<old
rename.ul new old new
ls
cat old kept <&3
show old kept
mkdir dir && rename.ul old dir/moved old
ls . dir
error_of rename.ul missing other missing | head -n 1
