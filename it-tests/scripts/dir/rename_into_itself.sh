# A directory can not be moved into itself or below itself: EINVAL; nor over one it lies in: ENOTEMPTY.
. "$COMMON"
need rename.ul
mkdir -p a/b/c && touch a/b/c/file
error_of rename.ul a a/x a
error_of rename.ul a a/b/x a
error_of rename.ul a a/b/c/x a
error_of rename.ul a/b/c a a/b/c
error_of rename.ul a/b/c/file a a/b/c/file
mkdir ab && rename.ul ab a/ab ab
find . | sort
