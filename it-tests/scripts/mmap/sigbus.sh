# A touch of a page wholly behind the file's end is SIGBUS, also where truncate took the file from under the mapping.
. "$COMMON"
need xfs_io
touch_page() {
  bash -c 'xfs_io "$@"; exit $?' bash "$@" >/dev/null 2>&1
  echo $?
}
fill 100 a >file
touch_page -c "mmap -rw 0 8192" -c "mread 0 4096" file
touch_page -c "mmap -rw 0 8192" -c "mread 4096 1" file
touch_page -c "mmap -rw 0 8192" -c "mwrite 4096 1" file
fill 12288 b >file
touch_page -c "mmap -rw 0 12288" -c "mwrite 0 12288" -c "truncate 5000" -c "mread 4096 4096" file
fill 12288 b >file
touch_page -c "mmap -rw 0 12288" -c "mwrite 0 12288" -c "truncate 5000" -c "mread 8192 1" file
show file
