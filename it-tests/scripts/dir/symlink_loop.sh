# Links that lead back to themselves, and chains of more than forty, are ELOOP; forty are followed.
. "$COMMON"
ln -s self self && ln -s b a && ln -s a b
error_of cat self
error_of cat a
error_of touch b/file
readlink self a b
error_of ls -d -L a
echo end >link0
for i in {1..41}; do ln -s "link$((i - 1))" "link$i"; done
cat link40
error_of cat link41
mkdir -p dir/sub && ln -s .. dir/sub/up && echo found >dir/file && cat dir/sub/up/sub/up/sub/up/file
error_of dd if=link1 iflag=nofollow status=none
