# A link to nowhere is there itself, ENOENT behind it; creating through it makes its target.
. "$COMMON"
ln -s target link
stat -c '%F %s' link && readlink link
error_of cat link
[ -L link ] && [ ! -e link ] && echo dangling
{ set -C; echo x >link; } 2>&1 | sed 's/.*: //'
set +C
echo made >link && cat target && ls
error_of mkdir link
rm link && ls
ln -s missing/target far && { echo x >far; } 2>&1 | sed 's/.*: //'
error_of ln -s '' empty
long=$(fill 4095 l) && ln -s "$long" longest && [ "$(readlink longest)" = "$long" ] && echo "4095 bytes"
error_of ln -s "${long}l" longer
chown -h 1001 far && stat -c '%u %A' far
