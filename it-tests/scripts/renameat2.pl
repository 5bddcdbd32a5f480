# Calls renameat2(2) and prints what it answers: renameat2.pl FLAG[,FLAG] FROM TO
use strict;
use warnings;
use Common;

use constant AT_FDCWD => -100;
my %flags = (none => 0, noreplace => 1, exchange => 2, whiteout => 4);

my ($names, $from, $to) = @ARGV;
my $flags = 0;
$flags |= $flags{$_} // die "no flag $_" for split(/,/, $names);
my $result = system_call('renameat2', AT_FDCWD, $from, AT_FDCWD, $to, $flags);
say_line("$names $from $to: " . errno_name($result == 0 ? 0 : $! + 0));
