import { NET_DESCRIPTOR } from "../session-place.ts";
import {
  ROUTER_ADDRESS,
  ROUTER_ADDRESS_6,
  SANDBOX_ADDRESS,
  SANDBOX_ADDRESS_6,
} from "./link-addresses.ts";

// The sandbox's first commands rather have the processor; if they wait for the network, it is free.
const NICENESS = 10;
const SANDBOX = `/proc/self/fd/${NET_DESCRIPTOR}`;

// Once a second it is asked who the router is; the kernel's own three times are not enough on a machine that is busy,
// and programs in the sandbox would be told that there is no way to any host.
const PATIENCE_S = 60;

/** Whether the router answers who asks on the link for its hardware address; 8 is never, 0 as usual. */
export const ARP_SETTING = "/proc/sys/net/ipv4/conf/router0/arp_ignore";

/** Where nothing is expected to listen. */
export const DISCARD_PORT = 9;

/**
 * A `sh` script for a fresh network namespace: makes it the router of the one that the inherited descriptor
 * stands for, says so, and runs the agent that opens listeners: the quick one, where it can, else Node's.
 * Arguments: the quick one's program and its number, empty where it has none; Node, its agent, and the ports.
 * In the router every address of the world is local, so whatever the sandbox dials ends at a listener there
 * or is refused. Until the agent lets the router answer on the link, the sandbox's kernel keeps what is sent.
 */
export const ROUTER_SCRIPT = `set -e
program=$1 number=$2 node=$3 agent=$4
shift 4
six=
if [ -e /proc/sys/net/ipv6 ]; then six=yes; fi
join() {
  ip link add router0 type veth peer name eth0 netns ${SANDBOX}
}
# The link that an earlier router left behind is in the way. It may be going away by itself.
if ! join 2>/dev/null; then
  nsenter --net=${SANDBOX} ip link delete eth0 2>/dev/null || :
  join
fi
echo 8 >${ARP_SETTING}
echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all
echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
ip -batch - <<END
link set lo up
address add ${ROUTER_ADDRESS}/30 dev router0
\${six:+address add ${ROUTER_ADDRESS_6}/64 dev router0 nodad}
link set router0 up
route add local 0.0.0.0/0 dev lo
\${six:+route add local ::/0 dev lo}
END
nsenter --net=${SANDBOX} ip -batch - <<END
link set lo up
address add ${SANDBOX_ADDRESS}/30 dev eth0
\${six:+address add ${SANDBOX_ADDRESS_6}/64 dev eth0 nodad}
link set eth0 up
ntable change name arp_cache dev eth0 mcast_probes ${PATIENCE_S}
route add default via ${ROUTER_ADDRESS}
\${six:+route add ::/0 via ${ROUTER_ADDRESS_6}}
END
echo linked
if [ -n "$number" ] && perl -e "$program" "$number" ${ARP_SETTING} "$@"; then exit 0; fi
exec nice -n ${NICENESS} "$node" "$agent" "$@"
`;
