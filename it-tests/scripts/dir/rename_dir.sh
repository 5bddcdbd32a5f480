# rename of a directory replaces an empty one, not a full one, and no file; a file replaces no directory.
. "$COMMON"
need rename.ul
mkdir -p from/sub empty full/inside && echo content >from/sub/file && touch file
error_of rename.ul from full from
error_of rename.ul from file from
error_of rename.ul file empty file
rename.ul from empty from
find . | sort
cat empty/sub/file
mkdir other && rename.ul empty/sub other/sub empty/sub
find . | sort
stat -c '%h %n' . other empty
(cd other/sub && mkdir deeper && cd deeper && cd ../../.. && [ . -ef "$OLDPWD/../../.." ] && echo "parent is right")
