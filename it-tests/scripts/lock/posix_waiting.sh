# Who waits for a POSIX lock gets it when it is free; who would wait for himself is told.
. "$COMMON"
fill 100 a >file
program locks <<END
A open f file rw
B open f file rw
C open f file rw
A posix f write 0 10
B posix f write 10 10
C posix-wait f read 0 5
B posix-wait f write 5 5
A posix f write 10 1
A posix-wait f write 10 10
A posix f none 0 5
C answer
A posix f read 5 5
A posix f none 5 5
B answer
A posix-wait f write 0 0
B kill
C posix f none 0 0
A answer
B open f file rw
B posix-get f read 50 1
B posix-wait f write 50 1
A close f
B answer
END
