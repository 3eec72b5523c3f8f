# Receives what gVisor's sentry says over a SEQPACKET socket, which Node cannot listen on, and
# writes it to stdout as frames: length (u32 little endian), then 'O', 'P' or 'E' for a connection
# that opens, a packet of it or its end, the connection's number (u32), and the packet.
# Usage: perl sink.pl SOCKET. Ends when stdin is closed. Depends on perl-base alone.
use strict;
use warnings;
use Socket qw(AF_UNIX SOCK_SEQPACKET SOMAXCONN sockaddr_un);

# More than the kernel lets through in one packet (net.core.wmem_max is 212,992).
my $PACKET_BYTES_MAX = 262_143;
# Handshake{version = 1} as protobuf, in both directions.
my $HANDSHAKE = "\x08\x01";

my ($path) = @ARGV;
unlink $path;
socket(my $listener, AF_UNIX, SOCK_SEQPACKET, 0) or die "socket: $!\n";
umask 0177;
bind($listener, sockaddr_un($path)) or die "bind: $!\n";
listen($listener, SOMAXCONN) or die "listen: $!\n";
binmode STDOUT;
$SIG{INT} = 'IGNORE';
$SIG{PIPE} = sub { exit 1 };

my %open;     # file number => {socket, id, greeted}
my $last = 0;
my $ignored;

sub put {
    my ($kind, $id, $packet) = @_;
    my $frame = pack('V a1 V', 5 + length $packet, $kind, $id) . $packet;
    for (my $at = 0; $at < length $frame;) {
        my $written = syswrite STDOUT, $frame, length($frame) - $at, $at;
        exit 1 unless defined $written;
        $at += $written;
    }
}

sub hear {
    my ($number) = @_;
    my $from = $open{$number};
    my $packet;
    my $got = sysread $from->{socket}, $packet, $PACKET_BYTES_MAX;
    if (!$got) {
        put('E', $from->{id}, '') if $from->{greeted};
        delete $open{$number};
    } elsif ($from->{greeted}) {
        put('P', $from->{id}, $packet);
    } else {
        # The answer is a version the sentry knows; what it sent is judged by the adapter.
        syswrite $from->{socket}, $HANDSHAKE;
        $from->{greeted} = 1;
        put('O', $from->{id}, $packet);
    }
}

syswrite STDERR, "ready\n";
while (1) {
    my $bits = '';
    vec($bits, $_, 1) = 1 for 0, fileno($listener), keys %open;
    next if select($bits, undef, undef, undef) < 0;
    for my $number (keys %open) { hear($number) if vec($bits, $number, 1) }
    if (vec($bits, fileno($listener), 1) and accept(my $socket, $listener)) {
        $open{ fileno $socket } = { socket => $socket, id => ++$last, greeted => 0 };
    }
    last if vec($bits, 0, 1) and !sysread STDIN, $ignored, 4096;
}
unlink $path;
