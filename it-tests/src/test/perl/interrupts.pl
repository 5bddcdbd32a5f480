# Requests that wait while their processes are killed or signalled: interrupts.pl SCENARIO DIR [KIND [RADAX END]]
use strict;
use warnings;
use Common;
use Errno qw(EINTR);
use Fcntl;
use POSIX qw(SIGKILL SIGUSR1 SA_RESTART);

# Far more than a mount has threads.
use constant WAITERS => 64;

my ($scenario, $directory, $kind, $radax, $end) = @ARGV;
my $path = "$directory/file";

sub open_file {
  sysopen(my $file, $path, O_RDWR | O_CREAT) or die "$path: $!";
  return $file;
}

sub on_signal {
  my ($flags, $handler) = @_;
  my $action = POSIX::SigAction->new($handler, POSIX::SigSet->new, $flags);
  # Else perl runs the handler in the middle of whatever it does, malloc too.
  $action->safe(1);
  POSIX::sigaction(SIGUSR1, $action) or die "sigaction: $!";
}

# Each child waits for an exclusive lock and exits 0 with it, or with the errno that ended the wait.
sub waiters {
  my ($count) = @_;
  return children($count, sub { lock_file($kind, open_file(), F_WRLCK, 1) ? 0 : $! + 0 });
}

# Returns when these processes, and nobody else, wait for a lock.
sub await_waiting {
  my @pids = @_;
  my $call = $kind eq 'flock' ? 'flock' : 'fcntl';
  await(@pids . ' requests to wait', sub {
    return requests_waiting($directory) == @pids && @pids == grep { sleeps_in($_, $call) } @pids;
  });
}

sub say_waiting {
  await_waiting(@_);
  say_line('waiting ' . @_);
}

sub say_ends {
  my %ends = @_;
  say_line(join(', ', map { "$_: $ends{$_}" } sort keys %ends));
}

sub say_served {
  say_line('served ' . serve_in_parallel($directory, 16));
}

sub hold {
  my $file = open_file();
  lock_file($kind, $file, F_WRLCK, 0) or die "lock: $!";
  return $file;
}

my %scenarios = (
  # Who waits for a lock is killed, all at once; then the lock is let go, and is anybody's.
  killed => sub {
    my $held = hold();
    my @pids = waiters(WAITERS);
    say_waiting(@pids);
    say_served();
    kill(SIGKILL, @pids);
    say_ends(reap(@pids));
    say_waiting();
    say_served();
    lock_file($kind, $held, F_UNLCK, 0) or die "unlock: $!";
    say_line(lock_file($kind, open_file(), F_WRLCK, 0) ? 'free' : "taken: $!");
  },

  # Half of those who wait want to know of signals, the others go on waiting.
  signalled => sub {
    my $held = hold();
    my ($signals, @told, @deaf) = 0;
    on_signal(0, sub { });
    @told = waiters(WAITERS / 2);
    on_signal(SA_RESTART, sub { $signals++ });
    @deaf = children(WAITERS / 2, sub { lock_file($kind, open_file(), F_WRLCK, 1) && $signals == 1 ? 0 : 1 });
    say_waiting(@told, @deaf);
    kill(SIGUSR1, @told, @deaf);
    my %ends = reap(@told);
    say_line('interrupted ' . ($ends{'exit ' . (EINTR + 0)} // 0));
    say_waiting(@deaf);
    lock_file($kind, $held, F_UNLCK, 0) or die "unlock: $!";
    say_ends(reap(@deaf));
    say_waiting();
    say_line(lock_file($kind, open_file(), F_WRLCK, 0) ? 'free' : "taken: $!");
  },

  # Who holds the lock is killed, time and again: the next one gets it.
  holders => sub {
    pipe(my $in, my $out) or die "pipe: $!";
    my @pids = children(WAITERS / 2, sub {
      my $file = open_file();
      lock_file($kind, $file, F_WRLCK, 1) or return $! + 0;
      syswrite($out, pack('N', $$));
      sleep while 1;
    });
    for my $round (1 .. @pids) {
      kill(SIGKILL, unpack('N', receive("holder $round", $in, 4)));
    }
    say_ends(reap(@pids));
    say_waiting();
    say_line(lock_file($kind, open_file(), F_WRLCK, 0) ? 'free' : "taken: $!");
  },

  # Processes at work on files and directories get signals all the time, and are killed: only their death ends a call.
  storm => sub {
    on_signal(0, sub { });
    my $worker = sub {
      my ($which) = @_;
      return children(1, sub { work("$directory/storm-$which"); copy_forever("$directory/copy-$which") });
    };
    my @pids = map { $worker->($_) } 0 .. 11;
    my %ends;
    my $bury = sub {
      my %of_these = reap(@_);
      $ends{$_} += $of_these{$_} for keys %of_these;
    };
    for my $round (1 .. 4000) {
      my $which = int rand @pids;
      kill(SIGUSR1, $pids[$which]);
      if ($round % 50 == 0) {
        kill(SIGKILL, $pids[$which]);
        $bury->($pids[$which]);
        ($pids[$which]) = $worker->($which);
      }
      select(undef, undef, undef, 0.0005);
    }
    kill(SIGKILL, @pids);
    $bury->(@pids);
    say_ends(%ends);
    say_waiting();
    say_served();
  },

  # The lock is let go and the waiters killed in the same moment: grants and interrupts cross each other.
  late => sub {
    my $held = hold();
    my @pids = waiters(WAITERS);
    await_waiting(@pids);
    lock_file($kind, $held, F_UNLCK, 0) or die "unlock: $!";
    kill(SIGKILL, @pids);
    reap(@pids);
    say_waiting();
    say_line(lock_file($kind, open_file(), F_WRLCK, 0) ? 'free' : "taken: $!");
  },

  # An unmount asks too much while requests wait; then the mount ends in one way or another.
  umount => sub {
    my $held = hold();
    my @pids = waiters(WAITERS);
    say_waiting(@pids);
    say_line('umount ' . (system("$radax umount $directory 2>/dev/null") >> 8));
    say_waiting(@pids);
    say_served();
    # Its exit code says nothing: a forced unmount fails, and ends all requests.
    system("$end 2>/dev/null");
    kill(SIGKILL, @pids) if $end =~ /^umount -l/;
    my %ends = reap(@pids);
    say_line('ended ' . (WAITERS - ($ends{'exit 0'} // 0)));
  },
);

# Requests that take long enough to be interrupted under way.
sub copy_forever {
  my ($target) = @_;
  sysopen(my $from, "$target.from", O_RDWR | O_CREAT | O_TRUNC) or die "open: $!";
  sysopen(my $to, $target, O_RDWR | O_CREAT) or die "open: $!";
  my $content = 'c' x (4 << 20);
  syswrite($from, $content) == length $content or die "write: $!";
  while (1) {
    my ($from_offset, $to_offset) = (pack('q', 0), pack('q', 0));
    for (my $left = 4 << 20; $left > 0; ) {
      my $copied = system_call('copy_file_range', fileno $from, \$from_offset, fileno $to, \$to_offset, $left, 0);
      $copied == 4 << 20 || ($kind eq 'pieces' && ($copied > 0 || $! == EINTR)) or die "copy_file_range: $copied $!";
      $left -= $copied if $copied > 0;
    }
    system_call('fallocate', fileno $to, 0, 0, 16 << 20) == 0 or die "fallocate: $!";
    $to->sync or die "fsync: $!";
    sysseek($to, 0, 0) or die "seek: $!";
    (sysread($to, my $back, 4 << 20) // die "read: $!") == 4 << 20 or die 'short read';
    $back eq $content or die 'other content';
    truncate($to, 0) or die "truncate: $!";
  }
}

$scenarios{$scenario}->();
