# What df says is free shrinks by what is written, comes back on removal, and is none when nothing can be written.
. "$COMMON"
scratch 128M
cd "$SCRATCH" || exit 1
available() {
  sync -f .
  df --output=avail -B1 . | tail -n 1
}
near() {
  local difference=$(($1 - $2))
  [ ${difference#-} -le 2500000 ] && echo "$3" || echo "$3: $1 is not $2"
}
start=$(available)
fill 20000000 x >file
near "$(available)" $((start - 20000000)) "less by a file"
fallocate -l 20000000 set_aside
near "$(available)" $((start - 40000000)) "less by what is set aside"
truncate -s 1G sparse
near "$(available)" $((start - 40000000)) "a hole costs nothing"
fill 200000000 x 2>/dev/null >filler
near "$(available)" 0 "nothing left"
rm file set_aside sparse filler
near "$(available)" "$start" "all back"
