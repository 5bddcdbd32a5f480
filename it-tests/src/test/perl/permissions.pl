# Who may do what: permissions.pl DIR prints a line for each operation, kind of file and user, with what it answered
# and what mode, owner and group the file has afterwards. All files belong to Alice and the group staff.
use strict;
use warnings;
use Common;
use Fcntl qw(:DEFAULT :flock);
use POSIX ();

use constant { ALICE => 21001, BOB => 21002, CAROL => 21003, STAFF => 21050, GUESTS => 21051 };
use constant { AT_FDCWD => -100, O_TMPFILE => 020200000, O_NOATIME => 01000000, O_PATH => 010000000 };
use constant { FS_IOC_GETFLAGS => 0x80086601, FS_IOC_SETFLAGS => 0x40086602 };
use constant { IMMUTABLE => 0x10, APPEND => 0x20, NODUMP => 0x40 };
use constant { UTIME_NOW => 0x3fffffff, UTIME_OMIT => 0x3ffffffe };
use constant { RENAME_NOREPLACE => 1, RENAME_EXCHANGE => 2, RENAME_WHITEOUT => 4 };

my ($base) = @ARGV;
my %users = (
  owner => [ALICE, ALICE, GUESTS],
  member => [CAROL, CAROL, STAFF],
  other => [BOB, BOB],
  root => [0, 0],
);
my %flags = ('' => 0, i => IMMUTABLE, a => APPEND);

sub done { return $_[0] ? 0 : $! + 0 }

# As done, for system calls.
sub called { return $_[0] >= 0 ? 0 : $! + 0 }

sub opened {
  my ($path, $flags, $then) = @_;
  sysopen(my $file, $path, $flags, 0666) or return $! + 0;
  return $then ? $then->($file) : 0;
}

sub utimens {
  my ($path, @nanos) = @_;
  return called(system_call('utimensat', AT_FDCWD, $path, pack('q4', map { (1_000_000_000, $_) } @nanos), 0));
}

sub change_flags {
  my ($file, $add, $drop) = @_;
  my $flags = pack('q', 0);
  ioctl($file, FS_IOC_GETFLAGS, $flags) or return $! + 0;
  $flags = pack('q', (unpack('q', $flags) | $add) & ~$drop);
  return done(ioctl($file, FS_IOC_SETFLAGS, $flags));
}

sub set_attribute { return called(system_call('setxattr', $_[0], $_[1], 'value', 5, 0)) }

sub get_attribute {
  my $value = "\0" x 10;
  return called(system_call('getxattr', $_[0], $_[1], \$value, 10));
}

sub rename_at { return called(system_call('renameat2', AT_FDCWD, $_[0], AT_FDCWD, $_[1], $_[2])) }

sub executed {
  my ($path) = @_;
  my ($pid) = children(1, sub { no warnings 'exec'; exec { $path } 'true' or return $! + 0 });
  waitpid($pid, 0);
  return $? >> 8;
}

sub become {
  my ($user, $group, @groups) = @{ $users{ $_[0] } };
  $) = join(' ', $group, $group, @groups);
  $( = $group;
  POSIX::setuid($user) or die "setuid: $!";
}

# On a file in a directory that is everybody's; $_[0] is its path.
my %on_file = (
  open_read => sub { opened($_[0], O_RDONLY) },
  open_write => sub { opened($_[0], O_WRONLY) },
  open_both => sub { opened($_[0], O_RDWR) },
  open_truncate => sub { opened($_[0], O_RDONLY | O_TRUNC) },
  open_append => sub { opened($_[0], O_WRONLY | O_APPEND, sub { done(syswrite($_[0], 'x')) }) },
  open_create => sub { opened($_[0], O_RDONLY | O_CREAT) },
  open_exclusive => sub { opened($_[0], O_RDONLY | O_CREAT | O_EXCL) },
  open_noatime => sub { opened($_[0], O_RDONLY | O_NOATIME) },
  write => sub { opened($_[0], O_WRONLY, sub { done(syswrite($_[0], 'x')) }) },
  truncate => sub { done(truncate($_[0], 1)) },
  fallocate => sub { opened($_[0], O_WRONLY, sub { called(system_call('fallocate', fileno $_[0], 0, 0, 9999)) }) },
  chmod => sub { done(chmod(0750, $_[0])) },
  chmod_setuid => sub { done(chmod(06755, $_[0])) },
  chown => sub { done(chown(BOB, -1, $_[0])) },
  chown_same => sub { done(chown(ALICE, -1, $_[0])) },
  chown_nothing => sub { done(chown(-1, -1, $_[0])) },
  chgrp_own => sub { done(chown(-1, GUESTS, $_[0])) },
  chgrp_foreign => sub { done(chown(-1, 21077, $_[0])) },
  chgrp_same => sub { done(chown(-1, STAFF, $_[0])) },
  utimes_now => sub { utimens($_[0], UTIME_NOW, UTIME_NOW) },
  utimes_set => sub { utimens($_[0], 1, 2) },
  utimes_half => sub { utimens($_[0], UTIME_NOW, UTIME_OMIT) },
  utimes_omit => sub { utimens($_[0], UTIME_OMIT, UTIME_OMIT) },
  access_read => sub { called(system_call('faccessat', AT_FDCWD, $_[0], 4)) },
  access_write => sub { called(system_call('faccessat', AT_FDCWD, $_[0], 2)) },
  access_execute => sub { called(system_call('faccessat', AT_FDCWD, $_[0], 1)) },
  exec => \&executed,
  stat => sub { done(stat $_[0]) },
  statfs => sub { my $buffer = "\0" x 256; called(system_call('statfs', $_[0], \$buffer)) },
  flock => sub { opened($_[0], O_RDONLY, sub { done(flock($_[0], LOCK_EX | LOCK_NB)) }) },
  lock_read => sub { opened($_[0], O_RDONLY, sub { done(lock_file('posix', $_[0], F_RDLCK, 0)) }) },
  lock_write => sub { opened($_[0], O_RDONLY, sub { done(lock_file('posix', $_[0], F_WRLCK, 0)) }) },
  link => sub { done(link($_[0], "$_[0].link")) },
  rename => sub { done(rename($_[0], "$_[0].new")) },
  unlink => sub { done(unlink($_[0])) },
  get_flags => sub { opened($_[0], O_RDONLY, sub { change_flags($_[0], 0, 0) }) },
  set_nodump => sub { opened($_[0], O_RDONLY, sub { change_flags($_[0], NODUMP, 0) }) },
  set_immutable => sub { opened($_[0], O_RDONLY, sub { change_flags($_[0], IMMUTABLE, 0) }) },
  drop_flags => sub { opened($_[0], O_RDONLY, sub { change_flags($_[0], 0, IMMUTABLE | APPEND) }) },
  list_attributes => sub {
    my $names = "\0" x 999;
    my $length = system_call('listxattr', $_[0], \$names, length $names);
    return $length < 0 ? $! + 0 : 1000 + grep { /^(user|trusted)/ } split(/\0/, substr($names, 0, $length));
  },
  map({ my $space = $_; (
    "get_$space" => sub { get_attribute($_[0], "$space.there") },
    "get_missing_$space" => sub { get_attribute($_[0], "$space.missing") },
    "set_$space" => sub { set_attribute($_[0], "$space.new") },
    "replace_$space" => sub { set_attribute($_[0], "$space.there") },
    "remove_$space" => sub { called(system_call('removexattr', $_[0], "$space.there")) },
  ) } qw(user trusted security)),
);

# On a directory with entries of several owners; $_[0] is its path, $_[1] one of a directory that is everybody's.
my %on_directory = (
  list => sub { done(opendir(my $in, $_[0])) },
  chdir => sub { my $errno = done(chdir $_[0]); chdir '/'; $errno },
  look_up => sub { done(stat "$_[0]/of-alice") },
  look_up_missing => sub { done(stat "$_[0]/missing") },
  read => sub { opened("$_[0]/of-root", O_RDONLY) },
  create => sub { opened("$_[0]/new", O_WRONLY | O_CREAT) },
  tmpfile => sub { opened($_[0], O_WRONLY | O_TMPFILE) },
  mkdir => sub { done(mkdir("$_[0]/new")) },
  mkfifo => sub { done(POSIX::mkfifo("$_[0]/new", 0666)) },
  mknod => sub { called(system_call('mknodat', AT_FDCWD, "$_[0]/new", 0020666, 0x103)) },
  symlink => sub { done(symlink('target', "$_[0]/new")) },
  rmdir => sub { done(rmdir "$_[0]/empty") },
  rmdir_whole => sub { done(rmdir $_[0]) },
  rmdir_missing => sub { done(rmdir "$_[0]/missing") },
  unlink_missing => sub { done(unlink "$_[0]/missing") },
  link_into => sub { done(link("$_[1]/free", "$_[0]/new")) },
  rename_into => sub { done(rename("$_[1]/free", "$_[0]/new")) },
  rename_directory => sub { done(rename("$_[0]/empty", "$_[1]/empty")) },
  exchange => sub { rename_at("$_[0]/of-alice", "$_[1]/free", RENAME_EXCHANGE) },
  noreplace => sub { rename_at("$_[1]/free", "$_[0]/of-alice", RENAME_NOREPLACE) },
  whiteout => sub { rename_at("$_[0]/of-alice", "$_[0]/new", RENAME_WHITEOUT) },
  chmod => sub { done(chmod(0750, $_[0])) },
  chmod_setgid => sub { done(chmod(02770, $_[0])) },
  set_user => sub { set_attribute($_[0], 'user.new') },
  map({ my $whose = $_; (
    "unlink_$whose" => sub { done(unlink "$_[0]/of-$whose") },
    "rename_$whose" => sub { done(rename("$_[0]/of-$whose", "$_[0]/new")) },
    "rename_out_$whose" => sub { done(rename("$_[0]/of-$whose", "$_[1]/new")) },
    "rename_over_$whose" => sub { done(rename("$_[1]/free", "$_[0]/of-$whose")) },
    "chmod_$whose" => sub { done(chmod(0600, "$_[0]/of-$whose")) },
  ) } qw(alice bob root)),
);

sub make_file {
  my ($path, $owner, $group, $mode, $content) = @_;
  sysopen(my $file, $path, O_WRONLY | O_CREAT | O_EXCL) or die "$path: $!";
  syswrite($file, $content) == length $content or die "$path: $!";
  chown($owner, $group, $file) && chmod($mode, $file) or die "$path: $!";
}

sub flag {
  my ($path, $flags, $drop) = @_;
  opened($path, O_RDONLY, sub { change_flags($_[0], $flags, $drop) }) == 0 or die "$path: $!";
}

# What a process of the user answers, one after the other.
sub answers {
  my ($who, @codes) = @_;
  pipe(my $in, my $out) or die "pipe: $!";
  my ($pid) = children(1, sub {
    become($who);
    my @errnos = map { $_->() } @codes;
    syswrite($out, pack('N*', @errnos));
    return 0;
  });
  close $out;
  my @said = unpack('N*', receive("answers of $who", $in, 4 * @codes));
  waitpid($pid, 0);
  $? == 0 or die "a process ended with $?";
  return map { $_ < 1000 ? errno_name($_) : 'ok ' . ($_ - 1000) } @said;
}

sub state_of {
  my @stat = lstat $_[0] or return 'gone';
  my %names = (ALICE, 'alice', BOB, 'bob', STAFF, 'staff', GUESTS, 'guests', 0, 'root');
  return sprintf('%o %s:%s', $stat[2] & 07777, map { $names{$_} // $_ } @stat[4, 5]);
}

sub clear {
  my ($path) = @_;
  return unless lstat $path;
  if (-d _) {
    opendir(my $in, $path) or die "$path: $!";
    clear("$path/$_") for grep { !/^\.\.?$/ } readdir $in;
    rmdir($path) or die "$path: $!";
  } elsif (!unlink $path) {
    flag($path, 0, IMMUTABLE | APPEND);
    unlink($path) or die "$path: $!";
  }
}

sub fresh_directory {
  my ($path) = @_;
  clear($path);
  mkdir($path) && chmod(0777, $path) or die "$path: $!";
}

# Says what each user is answered who does an operation on things of several kinds. Each has a thing of its own, which
# $make makes and $state describes afterwards.
sub say_answers {
  my ($work, $operation, $kinds, $make, $run, $state) = @_;
  fresh_directory($work);
  for my $who (qw(owner member other root)) {
    my @things = map { "$work/$who-$_" } @$kinds;
    $make->($things[$_], $kinds->[$_], $who) for 0 .. $#things;
    my @answers = answers($who, map { my $thing = $_; sub { $run->($thing) } } @things);
    say_line("$operation $kinds->[$_] $who: $answers[$_], " . $state->($things[$_])) for 0 .. $#things;
  }
}

sub make_kind_of_file {
  my ($path, $kind, $content) = @_;
  my ($mode, $flag) = $kind =~ /^(\d+)([ia]?)$/;
  make_file($path, ALICE, STAFF, oct $mode, $content);
  set_attribute($path, "$_.there") == 0 or die "setxattr $_: $!" for qw(user trusted security);
  flag($path, $flags{$flag}, 0) if $flag;
}

# Beside it a directory for everybody with a file of who asks.
sub make_kind_of_directory {
  my ($path, $mode, $who) = @_;
  fresh_directory("$path-free");
  make_file("$path-free/free", $users{$who}[0], 0, 0666, '');
  mkdir($path) && mkdir("$path/empty") or die "mkdir: $!";
  chown(ALICE, STAFF, "$path/empty") or die "chown: $!";
  make_file("$path/of-alice", ALICE, STAFF, 0644, '');
  make_file("$path/of-bob", BOB, BOB, 0644, '');
  make_file("$path/of-root", 0, 0, 0644, '');
  chown(ALICE, STAFF, $path) && chmod(oct $mode, $path) or die "chown: $!";
}

umask 022;
open(my $program, '<:raw', '/bin/true') or die "/bin/true: $!";
my $executable = do { local $/; <$program> };
my @file_kinds = qw(644 600 640 444 664 666 755 711 000 4777 644i 666i 644a 666a);
for my $operation (sort keys %on_file) {
  my $content = $operation eq 'exec' ? $executable : "text\n";
  say_answers("$base/work", $operation, \@file_kinds,
    sub { make_kind_of_file(@_[0, 1], $content) }, $on_file{$operation}, \&state_of);
}
my @directory_modes = qw(755 775 700 1777 1775 777 711 733 744 2777 000);
for my $operation (sort keys %on_directory) {
  say_answers("$base/work", "$operation directory", \@directory_modes, \&make_kind_of_directory,
    sub { $on_directory{$operation}->($_[0], "$_[0]-free") },
    sub { state_of($_[0]) . ', new ' . state_of("$_[0]/new") });
}
clear("$base/work");
