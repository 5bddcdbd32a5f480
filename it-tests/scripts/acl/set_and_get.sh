# Entries are set, changed, listed and removed; with none left the file has its three permissions only.
. "$COMMON"
need_acls
echo x >file && chmod 640 file
setfacl -m u:1001:rw,g:1002:r,u:1003:- file
getfacl -n file && stat -c %A file
setfacl -m u:1001:x -x g:1002 file && getfacl -n file
getfacl -n file >saved && setfacl -b file && getfacl -n file && stat -c %A file
setfacl --restore=saved && getfacl -n --omit-header file
error_of setfacl -m d:u:1001:r file
ln -s file link && setfacl -m u:1004:r link && getfacl -n file | grep 1004
