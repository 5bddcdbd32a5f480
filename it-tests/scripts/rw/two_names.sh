# Two hard links are one file: one content, one size, one mode, and it lasts until the last name is gone.
. "$COMMON"
mkdir dir
fill 10 a >one
ln one dir/two
echo -n more >>dir/two
chmod 600 one
show one dir/two
[ one -ef dir/two ] && cmp one dir/two && echo "one file"
rm one
show dir/two
cat dir/two
echo
truncate -s 3 dir/two
ln dir/two one && show one && cat one
