# What a program stores in its data segment, a private mapping of its file, stays out of the file.
. "$COMMON"
cp "$(command -v bash)" program
cp program before
./program -c 'x=1; for i in {1..1000}; do x=$x$i; done; echo ${#x}'
cmp program before && echo "the file is as it was"
./program -c 'echo x >program' 2>&1 | sed 's/.*: //'
cmp program before && echo "nor can it be written while it runs"
