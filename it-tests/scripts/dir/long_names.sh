# A name has up to 255 bytes, a path up to 4095; one more is ENAMETOOLONG, for every call that takes a name.
. "$COMMON"
name=$(fill 255 n)
too_long=${name}n
echo content >"$name" && cat "$name"
error_of touch "$too_long"
error_of mkdir "$too_long"
error_of ln "$name" "$too_long"
error_of ln -s x "$too_long"
error_of mkfifo "$too_long"
error_of mv -T "$name" "$too_long"
error_of cat "$too_long"
umlauts=$(for i in {1..127}; do printf ä; done)
touch "$umlauts" "${umlauts}x" && error_of touch "${umlauts}ä"
ls | while read -r name; do printf %s "$name" | wc -c; done
mkdir d
error_of cat "$(for i in {1..2050}; do printf d/; done)file"
rm n* "$umlauts" "${umlauts}x" && ls
