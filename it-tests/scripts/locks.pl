# Processes that lock ranges of files. Reads lines "WHO COMMAND ARGUMENTS...", and prints each with its answer:
#
#   WHO open NAME FILE MODE            MODE is r, w or rw
#   WHO dup NAME NEW                   two descriptors of one open file
#   WHO close NAME
#   WHO posix NAME TYPE START LENGTH   sets a POSIX lock; TYPE is read, write or none
#   WHO ofd NAME TYPE START LENGTH     the same of an open file description
#   WHO posix-wait, ofd-wait ...       the same, and waits if it must
#   WHO posix-get, ofd-get ...         says what is in the way
#   WHO answer                         of the call that waits
#   WHO fork OTHER                     OTHER has the same open files
#   WHO exit
#   WHO kill
use strict;
use warnings;
use Common;
use Fcntl qw(:DEFAULT :seek);
use IO::Handle;
use POSIX ();

use constant { F_OFD_GETLK => 36, F_OFD_SETLK => 37, F_OFD_SETLKW => 38, LOCK => 's s x4 q q i x4' };

# Who has not been answered for so long waits for a lock.
use constant WAIT_SECONDS => 1;

my %calls = (
  posix => F_SETLK, 'posix-wait' => F_SETLKW, 'posix-get' => F_GETLK,
  ofd => F_OFD_SETLK, 'ofd-wait' => F_OFD_SETLKW, 'ofd-get' => F_OFD_GETLK,
);
my %types = (read => F_RDLCK, write => F_WRLCK, none => F_UNLCK);
my %types_by_number = reverse %types;
my %modes = (r => '<', w => '>>', rw => '+<');
# Of this process; those of all processes, which a fork must find already there.
my (%files, %commands_to, %answers_of);

sub answer { return $_[0] ? 'ok' : errno_name($! + 0) }

sub lock_range {
  my ($call, $name, $type, $start, $length) = @_;
  my $lock = pack(LOCK, $types{$type}, SEEK_SET, $start, $length, 0);
  fcntl($files{$name}, $calls{$call}, $lock) or return errno_name($! + 0);
  $call =~ /-get$/ or return 'ok';
  ($type, undef, $start, $length, my $pid) = unpack(LOCK, $lock);
  return $type == F_UNLCK ? 'free' : "$types_by_number{$type} $start $length of $pid.";
}

my %commands = (
  open => sub { answer(open($files{ $_[0] }, $modes{ $_[2] }, $_[1])) },
  dup => sub { answer(open($files{ $_[1] }, '+<&', $files{ $_[0] })) },
  close => sub { answer(close(delete $files{ $_[0] })) },
  fork => sub { start($_[0]); 'ok' },
  map({ my $call = $_; $call => sub { lock_range($call, @_) } } keys %calls),
);

# Starts a process that does what it is told, and first says its number.
sub start {
  my ($who) = @_;
  (fork() // die "fork: $!") == 0 or return;
  my ($in, $out) = ($commands_to{$who}[0], $answers_of{$who}[1]);
  $out->autoflush;
  print $out "$$\n";
  while (my $line = readline $in) {
    my ($command, @arguments) = split(' ', $line);
    $command eq 'exit' and last;
    print $out $commands{$command}->(@arguments) . "\n";
  }
  POSIX::_exit(0);
}

sub answer_of {
  my ($who) = @_;
  await("an answer of $who", sub { IO::Select->new($answers_of{$who}[0])->can_read(0) });
  my $said = readline $answers_of{$who}[0];
  chomp $said;
  return $said;
}

# Nobody waits for processes: a zombie would count as one.
$SIG{CHLD} = 'IGNORE';
my @lines = <STDIN>;
for my $who (map { /^(\S+) (?:fork (\S+))?/ } @lines) {
  next if !defined $who || $commands_to{$who};
  pipe($commands_to{$who}[0], $commands_to{$who}[1]) && pipe($answers_of{$who}[0], $answers_of{$who}[1]) or die "pipe: $!";
  $commands_to{$who}[1]->autoflush;
}
my (%pids, %names);
for my $line (@lines) {
  my ($who, $command, $other) = split(' ', $line);
  my $met = sub { $pids{ $_[0] } = answer_of($_[0]); $names{ $pids{ $_[0] } } = $_[0] };
  if (!$pids{$who}) {
    start($who);
    $met->($who);
  }
  my $said;
  if ($command eq 'answer') {
    $said = answer_of($who);
  } elsif ($command eq 'kill' || $command eq 'exit') {
    $command eq 'kill' ? kill('KILL', $pids{$who}) : print { $commands_to{$who}[1] } "exit\n";
    await("the end of $who", sub { !kill(0, $pids{$who}) });
    delete $pids{$who};
    $said = 'gone';
  } else {
    print { $commands_to{$who}[1] } $line =~ s/^\S+ //r;
    my $waits = $command =~ /-wait$/ && !IO::Select->new($answers_of{$who}[0])->can_read(WAIT_SECONDS);
    $said = $waits && sleeps_in($pids{$who}, 'fcntl') ? 'waits' : answer_of($who);
  }
  $met->($other) if $command eq 'fork';
  $said =~ s{of (-?\d+)\.$}{'of ' . ($names{$1} // $1)}e;
  chomp $line;
  say_line("$line: $said");
}
kill('KILL', values %pids);
