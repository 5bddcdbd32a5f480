# cp -a carries ACLs along, files' and directories' defaults; a plain cp keeps the mode only; mv keeps them.
. "$COMMON"
need_acls
mkdir from && echo x >from/file && chmod 640 from/file
setfacl -m u:1001:rw from/file && setfacl -m u:1002:rx,d:u:1003:rwx from
cp -a from to && getfacl -n to to/file
cp from/file plain && getfacl -n plain
mv from/file moved && getfacl -n --omit-header moved
setfacl -b moved && cp -p to/file moved && getfacl -n --omit-header moved | grep 1001
