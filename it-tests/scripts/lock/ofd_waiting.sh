# Who waits for a lock of an open file description gets it when it is free.
. "$COMMON"
fill 100 a >file
program locks <<END
A open f file rw
B open f file rw
C open f file rw
A ofd f write 0 10
B ofd-wait f read 0 5
C ofd-wait f write 5 0
A ofd f read 0 5
B answer
A ofd f none 5 5
C answer
A ofd-wait f write 0 10
B kill
C kill
A answer
B open f file rw
B posix-wait f write 3 1
A close f
B answer
END
