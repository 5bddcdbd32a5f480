# RENAME_WHITEOUT leaves a character device 0, 0 in the old place: to who may make one.
. "$COMMON"
echo one >one && echo two >two && mkdir dir open
rename_at whiteout one new
cat new
stat -c '%F %t %T %a %h %u %n' one
rename_at whiteout new two
cat two
stat -c '%F %t %T %n' new
rename_at whiteout dir moved
stat -c '%F %n' dir moved
rename_at whiteout two moved/two
stat -c '%F %n' two && cat moved/two
rename_at whiteout missing file
rename_at whiteout,noreplace moved/two open
rename_at whiteout,noreplace moved/two open/two
rename_at whiteout,exchange moved/two open/two
rm one new dir two moved/two || true
find . | sort
