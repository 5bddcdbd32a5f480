# mv -n (RENAME_NOREPLACE) leaves what is there, and moves where nothing is.
. "$COMMON"
echo one >one && echo two >two && mkdir dir && ln -s nowhere link
mv -n one two
mv -n -T one dir
mv -n -T one link
ls
cat one two
mv -n one three
ls
mv -n three dir && ls . dir
