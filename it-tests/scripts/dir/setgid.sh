# What is made in a setgid directory has the directory's group, and directories in it are setgid as well.
. "$COMMON"
need setpriv
chmod 755 . && mkdir shared plain && chown 0:1005 shared && chmod 2777 shared && chmod 777 plain
as_user 1001 bash -c 'umask 022; touch shared/file plain/file; mkdir -p shared/dir/sub; mkfifo shared/pipe'
as_user 1001 ln -s file shared/link
stat -c '%A %u:%g %n' shared shared/* shared/dir/sub plain/file
mv plain/file shared/moved && stat -c '%A %u:%g %n' shared/moved
as_user 1001 bash -c 'touch plain/exec && chmod 755 plain/exec && install -m 2755 plain/exec shared/exec'
stat -c '%A %u:%g %n' shared/exec
