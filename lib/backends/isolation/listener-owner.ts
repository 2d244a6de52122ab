import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A loopback address that a sandbox's port is tried at. */
export type LoopbackAddress = "127.0.0.1" | "::1";

const LISTEN = "0A";
const V4_ANY = "00000000";
// As /proc/net/tcp writes 127.0.0.1 on the little-endian machines that Node runs Linux on.
const V4_LOOPBACK = "0100007F";
const V6_ANY = "0".repeat(32);
const V6_LOOPBACK = "00000000000000000000000001000000";

/** For how long a listener that was not the sandbox's is taken to be still another's. */
const FOREIGN_FOR_MS = 1_000;

/**
 * Tells whether what listens on a port of this machine belongs to certain
 * processes. Linux only; elsewhere it cannot be known, and the answer is no.
 */
export class ListenerOwner {
  readonly #pids: () => readonly number[];
  // A socket keeps its inode number while it lives, and who listens is the same as long as it does.
  readonly #own = new Set<string>();
  readonly #foreignUntil = new Map<string, number>();

  /** `pids` gives the processes that run now; it is asked only about listeners that are not known yet. */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
  }

  /** Whether a connection to the address and port would be accepted by one of the processes. */
  owns(at: { address: LoopbackAddress; port: number }): boolean {
    if (process.platform !== "linux") return false;
    // Several may share a port (SO_REUSEPORT): each of them must be the sandbox's.
    const sockets = listenerInodes(at).map((inode) => `socket:[${inode}]`);
    if (sockets.length === 0) return false;
    if (sockets.every((socket) => this.#own.has(socket))) return true;
    const now = Date.now();
    if (sockets.some((socket) => (this.#foreignUntil.get(socket) ?? 0) > now)) return false;
    this.#own.clear();
    this.#foreignUntil.clear();
    const held = new Set(this.#pids().flatMap(socketsOf));
    for (const socket of sockets) {
      if (held.has(socket)) this.#own.add(socket);
      else this.#foreignUntil.set(socket, now + FOREIGN_FOR_MS);
    }
    return this.#foreignUntil.size === 0;
  }
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
