import { readdir, readFile } from "node:fs/promises";

const GATEWAY = "sandlot-gateway";

/** What a process and all that descends from it hold in memory. */
export interface MemoryShare {
  processes: number;
  /** Of memory that several processes share, each has its part. */
  bytes: number;
  /** The part of the process that is every sandbox's way to the network; 0 without one. */
  gatewayBytes: number;
}

export async function memoryShareOf(pid: number): Promise<MemoryShare> {
  const family = await familyOf(pid);
  const shares = await Promise.all(
    family.map(async (each) => ({ bytes: await shareOf(each), gateway: await isGateway(each) })),
  );
  const sum = (some: typeof shares) => some.reduce((total, { bytes }) => total + bytes, 0);
  return {
    processes: family.length,
    bytes: sum(shares),
    gatewayBytes: sum(shares.filter(({ gateway }) => gateway)),
  };
}

async function familyOf(ancestor: number): Promise<number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, number>();
  for (const name of names) {
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""); // Ended meanwhile.
    // The name in brackets may hold anything; the state and the parent's pid follow.
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const belongs = (pid: number | undefined): boolean =>
    pid === ancestor || (pid !== undefined && pid > 1 && belongs(parents.get(pid)));
  return [...parents.keys()].filter(belongs);
}

async function shareOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""); // As above.
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1_024;
}

async function isGateway(pid: number): Promise<boolean> {
  const words = await readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""); // As above.
  return words.startsWith(GATEWAY);
}
