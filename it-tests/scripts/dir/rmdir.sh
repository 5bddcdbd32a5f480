# rmdir removes empty directories only, no files, not "." and not what others still need.
. "$COMMON"
mkdir -p full/sub empty && touch file && ln -s empty link
error_of rmdir full
error_of rmdir file
error_of rmdir link
error_of rmdir missing
error_of rmdir file/sub
error_of rmdir empty/.
error_of rmdir full/..
error_of unlink empty
error_of unlink missing
rmdir empty && rmdir full/sub && rmdir full && ls
mkdir gone && cd gone && rmdir ../gone && error_of touch new
ls -A
stat -c %h . || true
