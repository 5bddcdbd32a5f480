# The mask bounds what named users and groups get, chmod's group bits are the mask, and chmod rewrites it.
. "$COMMON"
need_acls
chmod 755 .
echo content >file && chmod 600 file
setfacl -m u:1001:rwx,g::rw,g:1002:r file
getfacl -n --omit-header file && stat -c %a file
chmod 640 file && getfacl -n --omit-header file
as_user 1001 cat file
as_user 1001 bash -c 'echo more >>file' 2>&1 | sed 's/.*: //'
setfacl -m m::rw file && as_user 1001 bash -c 'echo more >>file' && cat file && stat -c %a file
chmod g= file && error_of as_user 1001 cat file
getfacl -n --omit-header file
