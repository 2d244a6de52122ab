import { DNS_PORT } from "./port-table.ts";
import { SANDBOX_ADDRESS } from "./link-addresses.ts";
import { DISCARD_PORT } from "./router-script.ts";

/** The number of sendmsg(2), which hands descriptors over and which Perl has no word for. */
const SENDMSG: Partial<Record<NodeJS.Architecture, number>> = { x64: 46, arm64: 211 };

/**
 * The work of `router-agent.ts` in Perl, which is on almost every machine and takes 10 ms of a processor where Node takes
 * 60 to 110. What it opens it hands over as Node does: one line of JSON with each descriptor. It fails before
 * anything was handed over, or not at all.
 */
const PROGRAM = `
use strict; use Socket;
my ($sendmsg, $arp, @ports) = @ARGV;
my $channel = 0 + $ENV{NODE_CHANNEL_FD};
my ($domain, $udp) = (AF_INET6, "udp6");
sub address { $domain == AF_INET6 ? pack_sockaddr_in6($_[0], Socket::IN6ADDR_ANY) : pack_sockaddr_in($_[0], INADDR_ANY) }
sub bound {
  my ($type, $port) = @_;
  socket(my $socket, $domain, $type, 0) or return;
  setsockopt($socket, Socket::IPPROTO_IPV6, Socket::IPV6_V6ONLY, 0) if $domain == AF_INET6;
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) if $type == SOCK_STREAM;
  bind($socket, address($port)) or return;
  # 4 is F_SETFL, 04000 O_NONBLOCK: whoever gets it must not be held up by it.
  fcntl($socket, 4, 04000) or die "fcntl: $!";
  return $socket;
}
my $questions = bound(SOCK_DGRAM, ${DNS_PORT});
if (!$questions) {
  ($domain, $udp) = (AF_INET, "udp4"); # The kernel has no IPv6.
  $questions = bound(SOCK_DGRAM, ${DNS_PORT}) or die "bind: $!";
}
my @servers = map {
  my $server = bound(SOCK_STREAM, $_) or die "bind $_: $!";
  listen($server, 511) or die "listen $_: $!";
  $server;
} @ports;
sub hand {
  my ($socket, $line) = @_;
  $line .= "\\n";
  my $part = pack("P Q", $line, length $line);
  my $rights = pack("Q l l l x4", 20, SOL_SOCKET, 1, fileno $socket);
  my $message = pack("Q L x4 P Q P Q l x4", 0, 0, $part, 1, $rights, length $rights, 0);
  syscall($sendmsg, $channel, $message, 0) == length $line or die "sendmsg: $!";
}
hand($_, '{"cmd":"NODE_HANDLE","type":"net.Server","msg":{"kind":"tcp"}}') for @servers;
hand($questions, '{"cmd":"NODE_HANDLE","type":"dgram.Socket","dgramType":"' . $udp . '","msg":{"kind":"dns"}}');
open(my $answers, "<&=", $channel) or die "channel: $!";
while (1) {
  # Without thanks the gateway died: nobody needs this.
  my $line = <$answers> // exit 0;
  last if $line =~ /^"thanks"/;
}
close $_ for @servers, $questions;
open(my $setting, ">", $arp) or die "$arp: $!";
print $setting "0";
close $setting;
socket(my $greeting, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
send($greeting, "", 0, pack_sockaddr_in(${DISCARD_PORT}, inet_aton("${SANDBOX_ADDRESS}")));
`;

/** The program, and the number that it needs; empty for processors on which it was not tried. */
export function quickAgent(): [program: string, number: string] {
  return [PROGRAM, String(SENDMSG[process.arch] ?? "")];
}
