import { writeFile } from "node:fs/promises";

/** Which of the machine's ids stand for a sandbox's. */
export type IdMap =
  /** A range of its own: users inside are real. The engine has power over all of it. */
  | { kind: "range"; base: number; count: number }
  /** Everybody inside is the user who runs the engine. */
  | { kind: "single"; uid: number; gid: number };

/**
 * Where a root engine's range begins: above what systemd gives to containers, and what distributions
 * hand out in /etc/subuid. The host's root is no part of it.
 */
const RANGE = { kind: "range", base: 1_900_000_000, count: 65_536 } as const;

/** What this process may map. */
export function ownIdMap(): IdMap {
  const uid = process.geteuid?.() ?? 0;
  return uid === 0 ? RANGE : { kind: "single", uid, gid: process.getegid?.() ?? uid };
}

export function hostUid(ids: IdMap, uid: number): number {
  return ids.kind === "range" ? ids.base + uid : ids.uid;
}

export function hostGid(ids: IdMap, gid: number): number {
  return ids.kind === "range" ? ids.base + gid : ids.gid;
}

/** Gives a process that sits in a fresh user namespace the ids of the map. */
export async function writeIdMap(pid: number, ids: IdMap): Promise<void> {
  if (ids.kind === "range") {
    const line = `0 ${ids.base} ${ids.count}`;
    await writeFile(`/proc/${pid}/uid_map`, line);
    await writeFile(`/proc/${pid}/gid_map`, line);
    return;
  }
  // Without a range nobody may drop a group that keeps him from something: the kernel demands this.
  await writeFile(`/proc/${pid}/setgroups`, "deny");
  await writeFile(`/proc/${pid}/uid_map`, `0 ${ids.uid} 1`);
  await writeFile(`/proc/${pid}/gid_map`, `0 ${ids.gid} 1`);
}

/** How nsenter(1) becomes root of the user namespace that it enters. */
export function asNamespaceRoot(ids: IdMap): readonly string[] {
  return ids.kind === "range" ? ["--setuid", "0", "--setgid", "0"] : ["--preserve-credentials"];
}
