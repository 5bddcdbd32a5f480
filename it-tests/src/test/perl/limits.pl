# What is as long, as many or as large as can be, and one more: limits.pl SCENARIO DIR prints what was answered.
use strict;
use warnings;
use Common;
use Fcntl qw(:DEFAULT :seek);
use POSIX ();

use constant { NAME_MAX => 255, PATH_MAX => 4096, VALUE_MAX => 65536, LIST_MAX => 65536, FILE_MAX => 16 << 40 };
use constant { LINKS => 70_000, RLIMIT_FSIZE => 1, SIZE_LIMIT => 8192, KEEP_SIZE => 1 };
use constant { LEVELS => 5_000, LEVELS_BY_PATH => 300, SEEK_DATA => 3, SEEK_HOLE => 4, LAST_OFFSET => ~0 >> 1 };

my ($scenario, $directory) = @ARGV;
chdir $directory or die "$directory: $!";

# What a call is answered that is true on success.
sub asked { return $_[0] ? 'ok' : errno_name($! + 0) }

# As asked, for system calls; with what they return, if it says something.
sub called { return $_[0] < 0 ? errno_name($! + 0) : $_[0] ? "ok $_[0]" : 'ok' }

sub create {
  my ($path, $flags) = @_;
  sysopen(my $file, $path, O_RDWR | O_CREAT | ($flags // 0)) or die "create: $!";
  return $file;
}

sub entries {
  opendir(my $in, $_[0]) or die "$_[0]: $!";
  return grep { !/^\.\.?$/ } readdir $in;
}

# Of a string; a system call takes numbers as such.
sub set_attribute { return called(system_call('setxattr', $_[0], $_[1], "$_[2]", length $_[2], 0)) }

sub get_attribute {
  my ($path, $name) = @_;
  my $value = "\0" x VALUE_MAX;
  my $length = system_call('getxattr', $path, $name, \$value, VALUE_MAX);
  return $length < 0 ? errno_name($! + 0) : substr($value, 0, $length);
}

sub list_of_attributes {
  my ($path) = @_;
  my $names = "\0" x LIST_MAX;
  my $length = system_call('listxattr', $path, \$names, LIST_MAX);
  return $length < 0 ? errno_name($! + 0) : substr($names, 0, $length);
}

# Every byte a name may have, to its full length and with a number of its own.
sub long_name {
  my ($number, $length) = @_;
  my $bytes = join('', map { chr } grep { $_ && chr ne '/' } 0 .. 255);
  return substr(sprintf('%05d', $number) . $bytes x 2, 0, $length);
}

# A path of so many bytes to a file, all of it below directories that are there.
sub path_of {
  my ($length) = @_;
  my $path = ('d' x 99 . '/') x 40;
  return $path . 'f' x ($length - length $path);
}

sub write_at {
  my ($file, $content, $offset) = @_;
  return called(system_call('pwrite64', fileno $file, $content, length $content, $offset));
}

# How a process ends that may make files of SIZE_LIMIT bytes only, and what it is answered if it ignores the signal.
sub within_size_limit {
  my ($what, $code) = @_;
  my @ends;
  pipe(my $in, my $out) or die "pipe: $!";
  for my $handler ('DEFAULT', 'IGNORE') {
    my %ends = reap(children(1, sub {
      $SIG{XFSZ} = $handler;
      system_call('setrlimit', RLIMIT_FSIZE, pack('Q2', SIZE_LIMIT, SIZE_LIMIT)) == 0 or die "setrlimit: $!";
      my $answer = $code->();
      syswrite($out, $answer) if $handler eq 'IGNORE';
      return 0;
    }));
    push @ends, keys %ends;
  }
  close $out;
  say_line("$what: " . join(', ', @ends, <$in>));
}

# By steps, as no path leads there; with a file on each level.
sub go_down {
  my ($levels) = @_;
  mkdir('deep') && chdir('deep') or die "mkdir: $!";
  my $name = 'd' x 200;
  for (1 .. $levels) {
    create('file');
    mkdir($name) && chdir($name) or die "mkdir: $!";
  }
  say_line('bottom ' . entries('.'));
  chdir('..') or die "chdir: $!" for 1 .. $levels;
  say_line('back ' . entries('.'));
}

sub remove_deep {
  say_line('find ' . (() = `find deep -mindepth 1 -printf '%y\n'`));
  say_line('rm ' . system('rm', '-rf', 'deep'));
  say_line('left ' . grep { $_ eq 'deep' } entries('.'));
}

my %scenarios = (
  names => sub {
    for my $length (NAME_MAX, NAME_MAX + 1) {
      my @name = map { long_name($_, $length) } 0 .. 9;
      my @answers = (
        asked(sysopen(my $file, $name[0], O_WRONLY | O_CREAT)), asked(mkdir $name[1]), asked(symlink('x', $name[2])),
        asked(POSIX::mkfifo($name[3], 0600)), asked(link('plain', $name[4])), asked(rename('moved', $name[5])),
        asked(lstat $name[2]), asked(unlink $name[0]), asked(rmdir $name[1]), asked(rename($name[4], 'moved')),
      );
      say_line("$length: @answers");
    }
    for my $number (0 .. 999) {
      mkdir('many') || -d 'many' or die "mkdir: $!";
      create('many/' . long_name($number, NAME_MAX));
    }
    say_line('many ' . entries('many'));
  },

  names_again => sub {
    my %there = map { $_ => 1 } entries('many');
    say_line('many ' . grep { $there{ long_name($_, NAME_MAX) } } 0 .. 999);
    unlink(map { "many/$_" } keys %there) == 1000 or die "unlink: $!";
    say_line('rmdir ' . asked(rmdir 'many'));
  },

  paths => sub {
    for my $level (1 .. 40) {
      mkdir(substr(path_of(PATH_MAX), 0, $level * 100)) or die "mkdir: $!";
    }
    for my $length (PATH_MAX - 1, PATH_MAX) {
      my $path = path_of($length);
      my @answers = (
        asked(sysopen(my $file, $path, O_WRONLY | O_CREAT)), asked(stat $path), asked(link($path, 'short')),
        asked(symlink($path, 'symlink')), asked(rename($path, 'back') && rename('back', $path)), asked(unlink $path),
      );
      say_line("$length: @answers");
    }
  },

  deep => sub { go_down(LEVELS) },
  deep_again => sub { remove_deep() },
  deep_by_path => sub { go_down(LEVELS_BY_PATH) },
  deep_by_path_again => sub { remove_deep() },

  attributes => sub {
    create('file');
    for my $length (NAME_MAX, NAME_MAX + 1) {
      say_line("name of $length: " . set_attribute('file', 'user.' . 'n' x ($length - 5), 'value'));
    }
    for my $length (VALUE_MAX, VALUE_MAX + 1) {
      say_line("value of $length: " . set_attribute('file', 'user.value', 'v' x $length));
      say_line("trusted value of $length: " . set_attribute('file', 'trusted.value', 'w' x $length));
    }
    create('list');
    my $count = 0;
    my $answer;
    while (($answer = set_attribute('list', sprintf('user.%0250d', $count), $count)) eq 'ok') {
      $count++;
    }
    say_line("list of $count: $answer");
    say_line('shorter: ' . set_attribute('list', 'user.a', 'a'));
    say_line('replaced: ' . set_attribute('list', sprintf('user.%0250d', 0), 'replaced'));
    say_line('removed: ' . called(system_call('removexattr', 'list', sprintf('user.%0250d', 7))));
    say_line('instead: ' . set_attribute('list', sprintf('user.%0250d', 7777), 7777));
    say_line('once more: ' . set_attribute('list', 'user.a', 'a'));
  },

  attributes_again => sub {
    say_line('name ' . get_attribute('file', 'user.' . 'n' x (NAME_MAX - 5)));
    say_line('value ' . (get_attribute('file', 'user.value') eq 'v' x VALUE_MAX ? 'kept' : 'lost'));
    say_line('trusted value ' . (get_attribute('file', 'trusted.value') eq 'w' x VALUE_MAX ? 'kept' : 'lost'));
    my $list = list_of_attributes('list');
    my @names = split(/\0/, $list);
    my $right = grep { get_attribute('list', $_) eq (/^user\.0+$/ ? 'replaced' : /^user\.a$/ ? 'a' : substr($_, 5) + 0) } @names;
    say_line("list of " . length($list) . " bytes, $right of " . @names . ' right');
  },

  symlinks => sub {
    for my $length (PATH_MAX - 1, PATH_MAX) {
      say_line("$length: " . asked(symlink(long_name(0, 200) . 't' x ($length - 200), "link-$length")));
    }
  },

  symlinks_again => sub {
    my $target = readlink('link-' . (PATH_MAX - 1)) // die "readlink: $!";
    say_line('target ' . ($target eq long_name(0, 200) . 't' x (PATH_MAX - 1 - 200) ? 'kept' : 'lost'));
    say_line('size ' . (lstat 'link-' . (PATH_MAX - 1))[7]);
  },

  links => sub {
    create('file');
    mkdir('links') && mkdir('directories') or die "mkdir: $!";
    for my $number (1 .. LINKS) {
      link('file', "links/$number") or die "link $number: $!";
      mkdir("directories/$number") or die "mkdir $number: $!";
    }
    say_line('links ' . (stat 'file')[3] . ', subdirectories ' . (stat 'directories')[3]);
  },

  links_again => sub {
    say_line('links ' . (stat 'file')[3] . ', subdirectories ' . (stat 'directories')[3]);
    for my $number (1 .. LINKS) {
      unlink("links/$number") or die "unlink $number: $!";
      rmdir("directories/$number") or die "rmdir $number: $!";
    }
    say_line('links ' . (stat 'file')[3] . ', subdirectories ' . (stat 'directories')[3]);
  },

  sizes => sub {
    my $file = create('file');
    say_line('truncate ' . asked(truncate($file, FILE_MAX)) . ', ' . asked(truncate($file, FILE_MAX + 1)));
    say_line('size ' . (-s $file == FILE_MAX ? 'at the limit' : -s $file));
    truncate($file, 0) or die "truncate: $!";
    say_line('last byte ' . write_at($file, 'z', FILE_MAX - 1));
    say_line('behind it ' . write_at($file, 'z', FILE_MAX));
    say_line('across the end ' . write_at($file, 'yz', FILE_MAX - 1));
    say_line('appended ' . write_at(create('file', O_APPEND), 'z', 0));
    say_line('allocated ' . called(system_call('fallocate', fileno $file, 0, FILE_MAX, 1)));
    say_line('kept size ' . called(system_call('fallocate', fileno $file, KEEP_SIZE, FILE_MAX - 1, 2)));
    say_line('overflowing write ' . write_at($file, 'zz', LAST_OFFSET));
    say_line('last offset ' . write_at($file, 'z', LAST_OFFSET - 1));
    say_line('negative write ' . write_at($file, 'z', -1));
    say_line('overflowing allocation ' . called(system_call('fallocate', fileno $file, 0, LAST_OFFSET, LAST_OFFSET)));
    my $from = create('small');
    syswrite($from, 'xx') == 2 or die "write: $!";
    say_line('copied ' . called(system_call('copy_file_range', fileno $from, pack('q', 0), fileno $file, pack('q', FILE_MAX),
      2, 0)));
    my $read = "\0" x 10;
    say_line('read ' . called(system_call('pread64', fileno $file, \$read, 10, FILE_MAX - 1)) . ' ' . substr($read, 0, 1));
    say_line('read behind it ' . called(system_call('pread64', fileno $file, \$read, 10, FILE_MAX)));
    say_line('read at the last offset ' . called(system_call('pread64', fileno $file, \$read, 1, LAST_OFFSET - 1)));
    say_line('sync ' . asked($file->sync));
    say_line('size ' . (-s $file == FILE_MAX ? 'at the limit' : -s $file));
    say_line('hole ' . (sysseek($file, 0, SEEK_HOLE) + 0));
    say_line('data ' . (sysseek($file, 0, SEEK_DATA) - FILE_MAX));
    say_line('beyond ' . asked(sysseek($file, FILE_MAX, SEEK_DATA)));
  },

  sizes_again => sub {
    sysopen(my $file, 'file', O_RDWR) or die "open: $!";
    my $read = "\0" x 10;
    say_line('read ' . called(system_call('pread64', fileno $file, \$read, 10, FILE_MAX - 1)) . ' ' . substr($read, 0, 1));
    say_line('size ' . (-s $file == FILE_MAX ? 'at the limit' : -s $file) . ', blocks ' . (stat $file)[12]);
  },

  cached_sizes => sub {
    my $file = create('file');
    syswrite($file, 'x' x 4096) == 4096 or die "write: $!";
    say_line('behind it ' . write_at($file, 'z', FILE_MAX));
    say_line('sync ' . asked($file->sync));
    say_line('sync ' . asked($file->sync));
  },

  cached_sizes_again => sub { say_line('size ' . -s 'file') },

  size_limit => sub {
    my $file = create('file');
    syswrite($file, 'a' x (SIZE_LIMIT - 10)) or die "write: $!";
    within_size_limit('to the limit', sub { write_at($file, 'b' x 20, SIZE_LIMIT - 10) });
    within_size_limit('over it', sub { write_at($file, 'c', SIZE_LIMIT) });
    within_size_limit('truncated', sub { asked(truncate($file, SIZE_LIMIT + 1)) });
    within_size_limit('allocated', sub { called(system_call('fallocate', fileno $file, 0, 0, SIZE_LIMIT + 1)) });
    within_size_limit('shorter', sub { asked(truncate($file, SIZE_LIMIT - 1)) });
    say_line('size ' . -s $file);
    within_size_limit('direct', sub { my $direct = create('file', O_DIRECT); write_at($direct, 'x' x 4096, SIZE_LIMIT) });
    say_line('size ' . -s $file);
  },
);

create('plain') && create('moved') if $scenario eq 'names';
$scenarios{$scenario}->();
