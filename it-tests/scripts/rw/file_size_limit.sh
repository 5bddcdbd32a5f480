# A write over the process's file size limit is cut at the limit, the next gets EFBIG, and so does growing the file.
. "$COMMON"
trap '' XFSZ
(
  ulimit -f 8
  fill 8190 a >file
  { fill 10 b >>file; } 2>&1 | sed 's/.*: //'
  show file
  { printf d >>file; } 2>&1 | sed 's/.*: //'
  error_of truncate -s 8193 file
  truncate -s 8192 file && echo "up to the limit"
)
runs file
