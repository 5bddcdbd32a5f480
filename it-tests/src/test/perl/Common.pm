# What the test programs share. They use nothing but perl-base, which every Debian has.
package Common;

use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Exporter 'import';
use Fcntl qw(:DEFAULT :flock :seek);
use IO::Handle;
use IO::Select;
use POSIX qw(WNOHANG);

our @EXPORT = qw(say_line system_call errno_name sleeps_in lock_file children await receive reap requests_waiting work serve_in_parallel);

# A wait longer than this is a hang.
our $patience_seconds = 120;
use constant PR_SET_PDEATHSIG => 1;
use constant { F_OFD_SETLK => 37, F_OFD_SETLKW => 38 };

my $machine = (POSIX::uname())[4];
my %numbers = (
  x86_64 => {
    fallocate => 285, renameat2 => 316, copy_file_range => 326, getdents64 => 217, prctl => 157, fcntl => 72,
    flock => 73, utimensat => 280, faccessat => 269, statfs => 137, mknodat => 259, setxattr => 188, getxattr => 191,
    listxattr => 194, removexattr => 197, pwrite64 => 18, pread64 => 17, setrlimit => 160,
  },
  aarch64 => {
    fallocate => 47, renameat2 => 276, copy_file_range => 285, getdents64 => 61, prctl => 167, fcntl => 25,
    flock => 32, utimensat => 88, faccessat => 48, statfs => 43, mknodat => 33, setxattr => 5, getxattr => 8,
    listxattr => 11, removexattr => 14, pwrite64 => 68, pread64 => 67, setrlimit => 164,
  },
);

sub say_line {
  print STDOUT "@_\n";
  STDOUT->flush;
}

# A system call perl has no name for: system_call('fallocate', ...); -1 and $! on failure. What it writes to is given
# by reference.
sub system_call {
  my ($name, @given) = @_;
  my $number = $numbers{$machine}{$name} // die "no number for $name on $machine";
  my @arguments = map { ref $_ ? $$_ : $_ } @given;
  my $result = syscall($number, @arguments);
  my $errno = $! + 0;
  ref $given[$_] and ${ $given[$_] } = $arguments[$_] for 0 .. $#given;
  $! = $errno;
  return $result;
}

# ENOENT for 2; ok for none.
sub errno_name {
  local $! = shift;
  return $! ? (grep { $!{$_} } sort keys %!)[0] : 'ok';
}

# Whether a process sleeps in a system call.
sub sleeps_in {
  my ($pid, $name) = @_;
  open(my $in, '<', "/proc/$pid/syscall") or die "process $pid: $!";
  return <$in> =~ /^$numbers{$machine}{$name} /;
}

# Locks the whole file: kind posix, ofd or flock; type F_RDLCK, F_WRLCK or F_UNLCK. False and $! on failure.
sub lock_file {
  my ($kind, $file, $type, $wait) = @_;
  if ($kind eq 'flock') {
    my $operation = $type == F_UNLCK ? LOCK_UN : $type == F_RDLCK ? LOCK_SH : LOCK_EX;
    return flock($file, $operation | ($wait ? 0 : LOCK_NB));
  }
  my $command = $kind eq 'posix' ? ($wait ? F_SETLKW : F_SETLK) : ($wait ? F_OFD_SETLKW : F_OFD_SETLK);
  return fcntl($file, $command, pack('s s x4 q q i x4', $type, SEEK_SET, 0, 0, 0));
}

# Starts processes; each ends with what the code returns, or with its parent.
sub children {
  my ($count, $code) = @_;
  my @pids;
  for my $i (0 .. $count - 1) {
    my $pid = fork() // die "fork: $!";
    if ($pid == 0) {
      system_call('prctl', PR_SET_PDEATHSIG, POSIX::SIGKILL, 0, 0, 0);
      my $result = eval { $code->($i) };
      warn $@ if $@;
      POSIX::_exit($@ ? 255 : $result);
    }
    push @pids, $pid;
  }
  return @pids;
}

# Returns when the condition holds; ends the program if it never does.
sub await {
  my ($what, $condition) = @_;
  my $deadline = time + $patience_seconds;
  until ($condition->()) {
    if (time > $deadline) {
      say_line("hangs: $what");
      POSIX::_exit(1);
    }
    select(undef, undef, undef, 0.01);
  }
}

# Reads a record from a pipe; ends the program if none comes.
sub receive {
  my ($what, $pipe, $length) = @_;
  await($what, sub { IO::Select->new($pipe)->can_read(0) });
  sysread($pipe, my $record, $length) == $length or die "$what: $!";
  return $record;
}

# Waits for processes to end. Returns how many ended how: ("exit 0" => 3, "signal 9" => 1).
sub reap {
  my %running = map { $_ => 1 } @_;
  my %ends;
  await('the end of processes ' . join(' ', sort keys %running), sub {
    for my $pid (keys %running) {
      if (waitpid($pid, WNOHANG) == $pid) {
        delete $running{$pid};
        $ends{$? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8)}++;
      }
    }
    return !%running;
  });
  return %ends;
}

# How many requests to the FUSE filesystem of a directory have no answer yet, as the kernel counts them.
sub requests_waiting {
  my ($directory) = @_;
  my $device = (stat $directory)[0] // die "$directory: $!";
  my $minor = ($device & 0xff) | (($device >> 12) & 0xfff00);
  open(my $in, '<', "/sys/fs/fuse/connections/$minor/waiting") or die "connection $minor: $!";
  return <$in> + 0;
}

# A little of everything on a file of its own.
sub work {
  my ($path) = @_;
  sysopen(my $file, $path, O_RDWR | O_CREAT) or die "$path: $!";
  my $content = pack('N', $$) x 16384;
  (syswrite($file, $content) // die "write: $!") == length $content or die 'short write';
  system_call('fallocate', fileno $file, 0, 0, 32 << 20) == 0 or die "fallocate: $!";
  $file->sync or die "fsync: $!";
  sysseek($file, 0, SEEK_SET) or die "seek: $!";
  (sysread($file, my $back, length $content) // die "read: $!") == length $content or die 'short read';
  $back eq $content or die 'other content';
  truncate($file, 0) or die "truncate: $!";
  close($file) or die "close: $!";
  rename($path, "$path.moved") or die "rename: $!";
  unlink("$path.moved") or die "unlink: $!";
  return 0;
}

# More processes at once than a mount has threads: returns how many were served.
sub serve_in_parallel {
  my ($directory, $count) = @_;
  my %ends = reap(children($count, sub { work("$directory/work-$_[0]") }));
  return $ends{'exit 0'} // 0;
}

1;
