# chattr's d and A flags are set, listed and cleared one by one, by the owner too, and stay over a rename.
. "$COMMON"
need chattr lsattr setpriv
chmod 755 .
touch file && chown 1001 file
chattr +d file || not_run "no chattr +d here"
lsattr file | cut -d' ' -f1 | tr -d 'e-'
chattr +A file && lsattr file | cut -d' ' -f1 | tr -d 'e-'
mv file other && lsattr other | cut -d' ' -f1 | tr -d 'e-'
as_user 1001 chattr -d other && lsattr other | cut -d' ' -f1 | tr -d 'e-'
error_of as_user 1001 chattr +i other
error_of as_user 1002 chattr +d other
chattr -A other && lsattr other | cut -d' ' -f1 | tr -d 'e-' | wc -w
