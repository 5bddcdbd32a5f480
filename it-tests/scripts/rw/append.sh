# Appends through one descriptor and through two land one after the other.
. "$COMMON"
fill 10 a >file
fill 10 b >>file
exec 3>>file 4>>file
printf 'one ' >&3
printf 'two ' >&4
printf 'three' >&3
exec 3>&- 4>&-
show file
cat file
