# Opens one file again and again until that is refused: open_until.pl FILE. Prints the number of the error and how often it
# was opened; closes all when there is something on standard input.
use strict;
use warnings;
use Common;
use Fcntl;

my ($path) = @ARGV;
my @files;

while (sysopen(my $file, $path, O_RDONLY)) {
  push @files, $file;
}
say_line(($! + 0) . ' ' . scalar @files);
<STDIN>;
