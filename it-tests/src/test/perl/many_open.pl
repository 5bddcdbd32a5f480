# Holds a great many files open at once, and uses each of them: many_open.pl DIR COUNT. A line on standard input lets
# each step begin.
use strict;
use warnings;
use Common;
use Fcntl qw(:DEFAULT :seek);
use POSIX ();

my ($directory, $count) = @ARGV;
my @files;

my $limit = POSIX::sysconf(POSIX::_SC_OPEN_MAX);
$limit > $count + 10 or die "$limit descriptors are too few";

sub path {
  my ($i) = @_;
  return sprintf('%s/%03d/%d', $directory, $i / 1000, $i);
}

sub content {
  my ($i) = @_;
  return "file $i " . 'x' x ($i % 5000);
}

sub step {
  my ($name) = @_;
  say_line($name);
  defined <STDIN> or die 'nobody there';
}

for my $i (0 .. $count - 1) {
  if ($i % 1000 == 0) {
    mkdir(sprintf('%s/%03d', $directory, $i / 1000)) or die "mkdir: $!";
  }
  sysopen(my $file, path($i), O_RDWR | O_CREAT | O_EXCL) or die path($i) . ": $!";
  (syswrite($file, content($i)) // die "write $i: $!") == length content($i) or die "short write $i";
  push @files, $file;
}
step('open');
for (my $i = 0; $i < $count; $i += 2) {
  unlink(path($i)) or die 'unlink ' . path($i) . ": $!";
}
step('unlinked');
for my $i (reverse 0 .. $count - 1) {
  my $file = $files[$i];
  syswrite($file, 'more') == 4 or die "write $i: $!";
  sysseek($file, 0, SEEK_SET) or die "seek $i: $!";
  defined sysread($file, my $back, 10_000) or die "read $i: $!";
  $back eq content($i) . 'more' or die "file $i holds something else";
  (stat $file)[3] == $i % 2 or die "link count of $i";
}
step('read');
for my $i (0 .. $count - 1) {
  close($files[$i]) or die "close $i: $!";
  -e path($i) xor $i % 2 == 0 or die path($i) . ' is there, or is not';
}
step('closed');
