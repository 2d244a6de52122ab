import type { Attempt, Attempts } from "./attempt.ts";
import { perl } from "./shell-text.ts";

const dial = (title: string, address: string, more: Partial<Attempt> = {}): Attempt => ({
  title,
  as: "default-user",
  program: `timeout 5 bash -c 'cat <"/dev/tcp/${address}/$TCP_PORT"'`,
  proof: "secret",
  weakened: "process",
  ...more,
});
const named = (title: string, address: string): Attempt => ({
  ...dial(title, address),
  program: `timeout 5 curl -s http://${address}/`,
  weakened: "named",
});
const abstract = (name: string) =>
  perl(`
    use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); my $at = pack("S", AF_UNIX) . "\\0$ENV{${name}}";
    connect($s, $at) or die "connect: $!"; print <$s>;`);

/** Ways to the host's servers, to other sandboxes, and to what the network itself is. */
export const networkAttempts: Attempts = {
  "network: loopback": dial("reaches a server on the host's loopback", "127.0.0.1"),
  "network: loopback, version 6": dial(
    "reaches a server on the host's loopback of version 6",
    "::1",
  ),
  "network: no address": dial("reaches a server on the host by no address at all", "0.0.0.0"),
  "network: loopback, otherwise": dial(
    "reaches the host's loopback by another of its addresses",
    "127.8.9.10",
  ),
  "network: loopback by number": dial(
    "reaches the host's loopback written as a number",
    "2130706433",
  ),
  "network: loopback in version 6": dial(
    "reaches the host's loopback by an address of version 6 that holds it",
    "::ffff:127.0.0.1",
  ),
  "network: the host": dial("reaches a server on the host by its address", "$HOST_ADDRESS"),
  "network: the way out": {
    ...dial("reaches a server on whatever its packets go through", ""),
    program: `for each in $(ip route 2>/dev/null | sed -n 's/.*via \\([0-9.]*\\).*/\\1/p') $(sed -n 's/^nameserver //p' /etc/resolv.conf) localhost; do timeout 3 bash -c "cat </dev/tcp/$each/$TCP_PORT"; done`,
  },
  "network: as root": {
    ...dial("reaches a server on the host's loopback as root", "127.0.0.1"),
    as: "root",
  },
  "network: metadata": named("reaches the cloud's metadata", "169.254.169.254"),
  "network: metadata of others": named("reaches another cloud's metadata", "168.63.129.16"),
  "network: a name that leads to metadata": named(
    "reaches the cloud's metadata by a name",
    "metadata.example",
  ),
  "network: an abstract socket": {
    title: "reaches a socket of the host's that has no file",
    as: "default-user",
    program: abstract("ABSTRACT"),
    proof: "secret",
    weakened: "process",
  },
  "network: a socket": {
    title: "reaches a socket of the host's by its file",
    as: "root",
    program: perl(
      'use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack_sockaddr_un($ENV{SOCKET})) or die "connect: $!"; print <$s>;',
    ),
    proof: "secret",
    weakened: "process",
  },
  "network: another sandbox": {
    ...dial("reaches another sandbox's server", ""),
    neighbour: true,
    program: `for each in "$NEIGHBOUR_ADDRESS" 127.0.0.1; do timeout 3 bash -c "cat </dev/tcp/$each/$NEIGHBOUR_PORT"; done`,
  },
  "network: another sandbox's abstract socket": {
    title: "reaches another sandbox's socket that has no file",
    as: "root",
    neighbour: true,
    program: abstract("NEIGHBOUR_ABSTRACT"),
    proof: "secret",
    weakened: "process",
  },
  "network: another address": {
    ...named("reaches the cloud's metadata from an address that it gave itself", ""),
    as: "root",
    program: `device=$(ip -o link | sed -n 's/^[0-9]*: \\([^:@]*\\).*link\\/ether.*/\\1/p' | head -n 1)
      ip address add 169.254.169.253/32 dev "$device"; ip address add "$HOST_ADDRESS/32" dev "$device"
      for each in 127.0.0.1 169.254.169.253 ""; do timeout 3 curl -s \${each:+--interface "$each"} http://169.254.169.254/ && break; done`,
  },
  "network: another way": {
    ...named("reaches the cloud's metadata by a route of its own", ""),
    as: "root",
    program: `device=$(ip -o link | sed -n 's/^[0-9]*: \\([^:@]*\\).*link\\/ether.*/\\1/p' | head -n 1)
      timeout 3 curl -s http://169.254.169.254/ && exit; ip route replace 169.254.169.254/32 dev "$device"; timeout 3 curl -s http://169.254.169.254/`,
  },
  "network: the loopback as a place to go to": {
    ...dial("sends packets for the loopback out of its own", "127.0.0.1"),
    as: "root",
    program: `timeout 3 bash -c "cat </dev/tcp/127.0.0.1/$TCP_PORT" || { [ "$(cat /etc/hostname)" = sandbox ] || exit
      device=$(ip -o link | sed -n 's/^[0-9]*: \\([^:@]*\\).*link\\/ether.*/\\1/p' | head -n 1)
      sysctl -qw net.ipv4.conf.all.route_localnet=1; ip route del local 127.0.0.0/8 table local; ip address del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 dev "$device"
      timeout 3 bash -c "cat </dev/tcp/127.0.0.1/$TCP_PORT"; }`,
  },
};
