# Who is in the way is a process, or -1 for an open file description, whoever asks.
. "$COMMON"
fill 100 a >file
program locks <<END
A open f file rw
B open f file rw
C open f file rw
A ofd f write 0 10
B posix f write 10 10
C ofd-get f write 0 10
C posix-get f write 10 10
C posix-get f write 0 10
C ofd-get f write 10 10
END
