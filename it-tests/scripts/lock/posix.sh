# POSIX locks: of a process, on ranges, which split and join; any close of the file lets go of them all.
. "$COMMON"
fill 100 a >file
program locks <<END
A open f file rw
B open f file rw
C open f file r
D open f file w
A posix f write 0 10
B posix f write 9 1
B posix-get f write 0 0
B posix f write 10 10
A posix f read 0 10
B posix f read 0 5
C posix f read 5 5
C posix-get f write 0 5
A posix f write 0 10
B posix f none 0 5
C posix f none 0 0
A posix f write 0 10
C posix f write 50 1
D posix f read 50 1
D posix f write 25 1
A posix f none 3 4
B posix-get f write 3 4
B posix-get f write 7 1
A posix f write 30 0
B posix-get f read 1000000 1
A posix f none 30 0
A posix f write -1 1
A posix f write 90 -11
A posix f write 9223372036854775807 1
A posix f write 9223372036854775807 2
A posix f none 0 0
A posix f write 100 10
A posix f write 110 10
A posix f write 120 10
B posix-get f write 90 0
A open g file r
A close g
C posix-get f write 100 0
B posix f write 100 0
A posix f write 0 1
A fork E
E posix-get f write 0 1
E posix f write 0 1
E close f
A posix f write 0 1
C posix-get f write 0 1
B kill
A exit
D kill
C posix-get f write 0 0
END
