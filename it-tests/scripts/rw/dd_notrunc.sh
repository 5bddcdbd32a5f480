# dd over a file: with conv=notrunc the rest stays, without it goes, with seek the beginning stays.
. "$COMMON"
fill 10000 a >file
fill 3000 b | dd of=file bs=1000 seek=2 conv=notrunc iflag=fullblock status=none
runs file
fill 3000 c | dd of=file bs=1000 seek=6 iflag=fullblock status=none
runs file
fill 100 d | dd of=file bs=100 status=none
runs file
fill 100 e | dd of=file conv=excl status=none 2>&1 | sed 's/.*: //'
dd if=/dev/zero of=other conv=nocreat count=1 status=none 2>&1 | sed 's/.*: //'
