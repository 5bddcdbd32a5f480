# RENAME_NOREPLACE, of mv -n and as it is, leaves what is there, and moves where nothing is.
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
ln two same
for name in two same dir link; do
  rename_at noreplace two $name
done
rename_at noreplace link new
rename_at noreplace missing new
rename_at noreplace missing free
rename_at noreplace dir dir/new
rename_at noreplace dir dir/three
rename_at noreplace dir link
rename_at noreplace dir moved && find . | sort
