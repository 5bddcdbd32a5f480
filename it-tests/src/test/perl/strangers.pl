# What somebody without any rights gets of a mount: its control socket, its lease socket and its pool.
# Arguments: the control sockets' directory, the lease socket, the pool, how many connections.
use strict;
use warnings;
use Socket;
use Errno;

my ($control, $leases, $pool, $count) = @ARGV;
my $SEQPACKET = 5;

sub outcome { return $_[0] ? 'ok' : 'refused: ' . ($! + 0 == Errno::EACCES ? 'EACCES' : $!) }

print 'list ', outcome(opendir(my $listing, (split /\/[^\/]*$/, $control)[0])), "\n";
socket(my $asking, PF_UNIX, SOCK_STREAM, 0) or die $!;
print 'control ', outcome(connect($asking, sockaddr_un($control))), "\n";
print 'pool ', outcome(open(my $bytes, '<', $pool)), "\n";

# HELLO without descriptors, OPEN with a token that nobody gave, and noise; all at once, and none of it read.
my (@connections, $served);
for my $number (1 .. $count) {
    socket(my $connection, PF_UNIX, $SEQPACKET, 0) or die $!;
    last unless connect($connection, sockaddr_un($leases));
    local $SIG{PIPE} = 'IGNORE';
    for my $type (1, 2, 3, 99) {
        send($connection, pack('VVq<5', $type, $number, 2, 4096, 4096, 0, 0), 0);
    }
    push @connections, $connection;
}
my $refused = 0;
for my $connection (@connections) {
    my $reply = '';
    my $got = recv($connection, $reply, 256, 0);
    next unless defined $got && length $reply == 256;
    my (undef, $errno) = unpack('VV', $reply);
    $refused++ if $errno;
    $served++ unless $errno;
}
print 'leases ', ($served ? 'given' : $refused ? 'refused' : 'silent'), "\n";
print "holding\n";
$| = 1;
<STDIN>;
