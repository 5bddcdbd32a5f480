# RENAME_EXCHANGE: two names change places in one step, whatever they name; both must be there.
. "$COMMON"
echo one >one && echo two >two && mkdir -p dir/sub other && echo inside >dir/sub/file && ln -s nowhere link
rename_at exchange one two
cat one two
rename_at exchange one dir
cat dir && cat one/sub/file
rename_at exchange one/sub/file link
cat link && readlink one/sub/file
stat -c '%h %F %n' . one one/sub other dir link
rename_at exchange one/sub other
stat -c '%h %n' . one one/sub other && (cd other && [ .. -ef "$OLDPWD" ] && echo "parent is right")
rename_at exchange one/sub dir
stat -c '%h %n' . one
rename_at exchange two two
ln two again && rename_at exchange two again && show two again
rename_at exchange two missing
rename_at exchange missing two
rename_at exchange one one/sub
rename_at exchange other/file other
rename_at exchange,noreplace two dir
rename_at exchange,whiteout two dir
exec 3<two
rename_at exchange two link
cat <&3
find . | sort
