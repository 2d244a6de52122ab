import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A loopback address that a sandbox's port is tried at. */
export type LoopbackAddress = "127.0.0.1" | "::1";

const LISTEN = "0A";
const V4_ANY = "00000000";
// As /proc/net/tcp writes 127.0.0.1 on the little-endian machines that Node runs Linux on.
const V4_LOOPBACK = "0100007F";
const V6_ANY = "0".repeat(32);
const V6_LOOPBACK = "00000000000000000000000001000000";

/**
 * Whether a connection to the address and port would be accepted by one of the
 * processes. Linux only; elsewhere it cannot be known, and the answer is no.
 */
export function isListener(
  at: { address: LoopbackAddress; port: number },
  pids: readonly number[],
): boolean {
  if (process.platform !== "linux" || pids.length === 0) return false;
  const inodes = listenerInodes(at);
  if (inodes.length === 0) return false;
  // Several may share a port (SO_REUSEPORT): each of them must be the sandbox's.
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of pids) {
    for (const link of socketsOf(pid)) wanted.delete(link);
    if (wanted.size === 0) return true;
  }
  return false;
}

// The listeners that the kernel would choose from: the most specific address wins.
function listenerInodes({ address, port }: { address: LoopbackAddress; port: number }): string[] {
  const v6 = listeners("/proc/net/tcp6", port);
  if (address === "::1") return v6.get(V6_LOOPBACK) ?? v6.get(V6_ANY) ?? [];
  const v4 = listeners("/proc/net/tcp", port);
  return v4.get(V4_LOOPBACK) ?? v4.get(V4_ANY) ?? v6.get(V6_ANY) ?? [];
}

function listeners(table: string, port: number): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of readTable(table).split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [, local = "", , state] = fields;
    if (state !== LISTEN || !local.endsWith(suffix)) continue;
    const address = local.slice(0, -suffix.length);
    found.set(address, [...(found.get(address) ?? []), fields[9] ?? ""]);
  }
  return found;
}

function readTable(table: string): string {
  try {
    return readFileSync(table, "latin1");
  } catch {
    return ""; // A kernel without IPv6 has no such table.
  }
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ""; // Closed meanwhile.
      }
    });
  } catch {
    return []; // It ended, or became another user's.
  }
}
