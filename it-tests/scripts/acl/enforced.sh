# A named user's entry decides before groups and others, a named group's before others; none of them is owner.
. "$COMMON"
need_acls
chmod 755 .
echo content >file && chmod 604 file
setfacl -m u:1001:-,u:1002:rw,g:1003:r,g:1005:- file
for user in 1001 1002 1003 1004 1005; do
  echo "$user: $(as_user $user cat file 2>&1 | sed 's/.*: //')"
done
as_user 1002 bash -c 'echo more >>file' && cat file
as_user 1003 bash -c 'echo more >>file' 2>&1 | sed 's/.*: //'
error_of as_user 1002 chmod 777 file
error_of as_user 1002 setfacl -m u:1004:rw file
mkdir dir && touch dir/inside && chmod 700 dir && setfacl -m u:1001:x,u:1002:r dir
as_user 1001 ls dir/inside
error_of as_user 1001 ls dir
as_user 1002 ls -U dir 2>/dev/null
error_of as_user 1002 cat dir/inside
