# In a sticky directory only a file's owner, the directory's owner and root remove or rename it.
. "$COMMON"
need setpriv
chmod 755 . && mkdir tmp && chown 1003 tmp && chmod 1777 tmp
as_user 1001 touch tmp/a tmp/b tmp/c tmp/d && as_user 1001 chmod 666 tmp/a
error_of as_user 1002 rm -f tmp/a
error_of as_user 1002 mv tmp/a tmp/x
as_user 1002 touch tmp/mine && error_of as_user 1002 mv -T -f tmp/mine tmp/a
as_user 1002 bash -c 'echo written >tmp/a' && cat tmp/a
as_user 1001 mv tmp/a tmp/renamed && as_user 1001 rm tmp/b && as_user 1003 rm -f tmp/c && rm tmp/d
as_user 1001 mkdir tmp/dir && error_of as_user 1002 rmdir tmp/dir
ls tmp
chmod 777 tmp && as_user 1002 rm -f tmp/renamed && ls tmp
