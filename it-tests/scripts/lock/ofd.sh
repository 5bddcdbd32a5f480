# Locks of an open file description: also against each other in one process, shared by duplicates and children, and let
# go of with the last of them.
. "$COMMON"
fill 100 a >file
program locks <<END
A open one file rw
A open two file rw
A open r file r
A ofd one write 0 10
A ofd two write 5 10
A ofd-get two write 0 0
A ofd two write 10 10
A ofd r write 50 1
A ofd r read 50 1
A dup one same
A ofd same write 0 20
A ofd same write 0 9
A ofd-get two read 0 1
A open three file r
A close three
A close one
A ofd two read 0 1
A posix two write 0 1
B open f file rw
B posix f write 0 1
B posix f write 90 1
A ofd two read 90 1
A fork C
A close same
A ofd two read 0 1
C close same
A ofd-wait two read 0 1
B kill
A ofd-wait two read 90 1
A ofd two none 0 0
A posix two write 0 0
END
