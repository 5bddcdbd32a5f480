# A write, a truncate and a chown by others than root take the setuid bit, and the setgid bit of what can be executed.
. "$COMMON"
need setpriv
chmod 777 .
ready() {
  echo program >file && chown 1001:1001 file && chmod "$1" file
}
mode() {
  echo "$1: $(stat -c %a file)"
}
ready 6777 && as_user 1002 bash -c 'echo more >>file' && mode write
ready 6777 && as_user 1002 truncate -s 3 file && mode truncate
ready 6777 && echo more >>file && mode "write by root"
ready 6777 && chown 1002 file && mode "chown by root"
ready 6777 && as_user 1001 chgrp 1001 file && mode "chgrp by owner"
ready 6777 && as_user 1001 chmod 6755 file && mode "chmod by owner"
ready 755 && chgrp 1002 file && as_user 1001 chmod 2755 file && mode "setgid for a foreign group"
error_of as_user 1001 chown 1002 file
error_of as_user 1002 chmod 777 file
mkdir dir && chmod 6777 dir && chown 1001:1001 dir && stat -c %a dir
