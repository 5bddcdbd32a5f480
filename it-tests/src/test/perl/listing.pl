# Lists a great directory while others create, rename and remove names in it: listing.pl DIR COUNT
use strict;
use warnings;
use Common;
use Errno qw(ENOENT);
use Fcntl;

use constant WRITERS => 3;
use constant { ROUNDS => 2, MOST_ROUNDS => 100 };

my ($base, $count) = @ARGV;
$Common::patience_seconds += $count / 1000;
my $directory = "$base/list";
my $stop = "$base/stop";

sub make_names {
  mkdir($directory) or die "mkdir: $!";
  sysopen(my $file, "$base/file", O_WRONLY | O_CREAT) or die "create: $!";
  for my $i (0 .. $count - 1) {
    link("$base/file", "$directory/stay-$i") or die "link $i: $!";
    if ($i % 100 == 0) {
      link("$base/file", "$directory/gone-$i") or die "link: $!";
    }
  }
  for (my $i = 0; $i < $count; $i += 100) {
    unlink("$directory/gone-$i") or die "unlink: $!";
  }
}

# Names come, are moved, stay a while and go, each name once in all time. Says how far it came.
sub change {
  my ($writer, $out) = @_;
  my ($i, @there) = 0;
  until (-e $stop) {
    my $name = "$directory/come-$writer-" . $i++;
    link("$base/file", $name) or die "link: $!";
    if ($i % 2) {
      rename($name, "$name-moved") or die "rename: $!";
      $name .= '-moved';
    }
    push @there, $name;
    if (@there > 300) {
      unlink(splice(@there, rand @there, 1)) or die "unlink: $!";
    }
  }
  syswrite($out, pack('NN', $writer, $i));
  return 0;
}

# Checks one listing; $next gives a name at a time, and nothing at the end.
sub check_listing {
  my ($how, $last, $next) = @_;
  my ($stayed, %seen) = 0;
  while (defined(my $name = $next->())) {
    $seen{$name}++ and die "$how: $name twice";
    if ($name =~ /^stay-(\d+)$/ && $1 < $count) {
      $stayed++;
    } elsif ($name =~ /^come-(\d)-(\d+)(-moved)?$/ && $1 < WRITERS) {
      $last->[$1] = $2 if $2 > $last->[$1];
    } elsif ($name ne '.' && $name ne '..') {
      die "$how: $name was never there, or went before";
    }
  }
  $stayed == $count && $seen{'.'} && $seen{'..'} or die "$how: $stayed of $count";
}

my %listings = (
  readdir => sub {
    my ($check) = @_;
    opendir(my $in, $directory) or die "opendir: $!";
    $check->(sub { scalar readdir $in });
    rewinddir($in);
    $check->(sub { scalar readdir $in });
  },

  # Goes back time and again to where it was.
  seekdir => sub {
    my ($check) = @_;
    opendir(my $in, $directory) or die "opendir: $!";
    my $read = 0;
    $check->(sub {
      if (++$read % 500 == 0) {
        my $here = telldir($in);
        readdir($in) for 1 .. $read % 700;
        seekdir($in, $here);
      }
      return scalar readdir $in;
    });
  },

  # Few entries at a time.
  getdents => sub {
    my ($check) = @_;
    sysopen(my $in, $directory, O_RDONLY | O_DIRECTORY) or die "open: $!";
    my @names;
    $check->(sub {
      unless (@names) {
        my $buffer = "\0" x 700;
        my $got = system_call('getdents64', fileno $in, \$buffer, length $buffer);
        $got >= 0 or die "getdents: $!";
        for (my $at = 0; $at < $got; ) {
          my ($length, $name) = unpack('x16 S x Z*', substr($buffer, $at, $got - $at));
          push @names, $name;
          $at += $length;
        }
      }
      return shift @names;
    });
  },

  ls => sub {
    my ($check) = @_;
    open(my $in, '-|', 'ls', '-f', $directory) or die "ls: $!";
    $check->(sub { my $name = <$in>; chomp $name if defined $name; $name });
    close($in) or die "ls: $?";
  },

  # With attributes; names may go between the listing and the question.
  plus => sub {
    my ($check) = @_;
    opendir(my $in, $directory) or die "opendir: $!";
    $check->(sub {
      my $name = readdir $in;
      if (defined $name && !lstat("$directory/$name")) {
        $! == ENOENT && $name =~ /^come/ or die "lstat $name: $!";
      }
      return $name;
    });
  },
);

make_names();
pipe(my $in, my $out) or die "pipe: $!";
my @writers = children(WRITERS, sub { change($_[0], $out) });
pipe(my $seen_in, my $seen_out) or die "pipe: $!";
my @ways = sort keys %listings;
my @readers = children(scalar @ways, sub {
  my ($reader) = @_;
  my $way = $ways[$reader];
  my @last = (0) x WRITERS;
  # The writers may be slower.
  for (my $round = 0; $round < ROUNDS || ($round < MOST_ROUNDS && grep { !$_ } @last); $round++) {
    $listings{$way}->(sub { check_listing($way, \@last, $_[0]) });
  }
  syswrite($seen_out, pack('N*', @last));
  return 0;
});
my %ends = reap(@readers);
say_line('readers: ' . join(', ', map { "$_: $ends{$_}" } sort keys %ends));
sysopen(my $file, $stop, O_WRONLY | O_CREAT) or die "create: $!";
%ends = reap(@writers);
say_line('writers: ' . join(', ', map { "$_: $ends{$_}" } sort keys %ends));

my @written;
for (@writers) {
  my ($writer, $i) = unpack('NN', receive('a writer', $in, 8));
  $written[$writer] = $i;
}
for (@readers) {
  my @last = unpack('N*', receive('a reader', $seen_in, 4 * WRITERS));
  for my $writer (0 .. WRITERS - 1) {
    $last[$writer] < $written[$writer] or die "come-$writer-$last[$writer] was never there";
    $last[$writer] > 0 or say_line('a reader saw nothing of what came');
  }
}

# A listing begun before sees what is new once it is rewound.
opendir(my $again, $directory) or die "opendir: $!";
my @before = readdir $again;
link("$base/file", "$directory/new") or die "link: $!";
unlink("$directory/stay-0") or die "unlink: $!";
rewinddir($again);
my %after = map { $_ => 1 } readdir $again;
say_line('rewound: ' . (keys(%after) == @before && $after{new} && !$after{'stay-0'} ? 'new' : 'old'));
