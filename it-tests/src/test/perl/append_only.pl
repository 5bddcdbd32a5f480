# Writes a log that can only be appended to: append_only.pl DIR
use strict;
use warnings;
use Common;
use Fcntl;

my ($directory) = @ARGV;
my $path = "$directory/log";
sysopen(my $file, $path, O_WRONLY | O_CREAT | O_APPEND) or die "create: $!";
system('chattr', '+a', $path) == 0 or die 'chattr';
for my $i (1 .. 1000) {
  syswrite($file, "line $i\n") or die "write: $!";
  $i % 100 or $file->sync or die "fsync: $!";
}
close($file) or die "close: $!";
utime(undef, undef, $path) or die "touch: $!";
say_line(utime(1, 1, $path) ? 'other times' : 'no other times');
say_line(sysopen($file, $path, O_WRONLY) ? 'opened' : 'not to be overwritten');
