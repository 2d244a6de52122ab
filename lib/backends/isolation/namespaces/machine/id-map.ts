import { writeFile } from "node:fs/promises";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Machine } from "./machine.ts";
import { PROGRAM_PATH, runProgram } from "./run-program.ts";

/** Which of the machine's ids stand for a sandbox's. */
export type IdMap =
  /** A range that belongs to nobody else: users inside are real. Only root may give it. */
  | { kind: "range"; base: number; count: number }
  /**
   * Root inside is the user who runs the engine, everybody else is one of the ids that the
   * administrator gave him: users inside are real.
   */
  | { kind: "subid"; uid: number; gid: number; subuid: number; subgid: number; count: number }
  /** Everybody inside is the user who runs the engine. */
  | { kind: "single"; uid: number; gid: number };

/** The best map that was seen to work. Throws `isolation_unavailable` where it would be the host's root. */
export function chooseIdMap(machine: Pick<Machine, "user" | "ids">): IdMap {
  const { ids, user } = machine;
  if (ids.offered) return ids.map;
  if (user.uid !== 0) return { kind: "single", ...user };
  throw new SandboxError(
    "isolation_unavailable",
    `A sandbox would have to run as this machine's root: ${ids.reason} ${ids.advice}`,
  );
}

/** The host's id for an id inside; for one that is not mapped, that of the nearest it can have. */
export function hostUid(map: IdMap, uid: number): number {
  return hostId(map, uid, "uid");
}

/** As `hostUid`, for groups. */
export function hostGid(map: IdMap, gid: number): number {
  return hostId(map, gid, "gid");
}

function hostId(map: IdMap, id: number, what: "uid" | "gid"): number {
  if (map.kind === "range") return map.base + id;
  if (map.kind === "single" || id === 0) return map[what];
  return map[`sub${what}`] + id - 1;
}

/** How nsenter(1) becomes root of a user namespace with the map. */
export function asNamespaceRoot(map: IdMap): readonly string[] {
  return map.kind === "single" ? ["--preserve-credentials"] : ["--setuid", "0", "--setgid", "0"];
}

/**
 * Gives a process that sits in a fresh user namespace the ids of the map. Can be done once.
 * Throws what the kernel says, or `isolation_unavailable` with what newuidmap(1) says.
 */
export async function writeIdMap(
  pid: number,
  map: IdMap,
  { searchPath = PROGRAM_PATH }: { searchPath?: string | undefined } = {},
): Promise<void> {
  if (map.kind === "subid") {
    const { uid, gid, subuid, subgid, count } = map;
    await runMapper(["newuidmap", pid, 0, uid, 1, 1, subuid, count], searchPath);
    await runMapper(["newgidmap", pid, 0, gid, 1, 1, subgid, count], searchPath);
    return;
  }
  if (map.kind === "range") {
    const line = `0 ${map.base} ${map.count}`;
    await writeFile(`/proc/${pid}/uid_map`, line);
    await writeFile(`/proc/${pid}/gid_map`, line);
    return;
  }
  // Without a range nobody may drop a group that keeps him from something: the kernel demands this.
  await writeFile(`/proc/${pid}/setgroups`, "deny");
  await writeFile(`/proc/${pid}/uid_map`, `0 ${map.uid} 1`);
  await writeFile(`/proc/${pid}/gid_map`, `0 ${map.gid} 1`);
}

async function runMapper(
  [program, ...numbers]: [program: string, ...numbers: number[]],
  searchPath: string,
): Promise<void> {
  const command = [program, ...numbers.map(String)];
  const { ok, found, stderr } = await runProgram(command, { env: { PATH: searchPath } });
  if (ok) return;
  throw new SandboxError(
    "isolation_unavailable",
    `The ids of a sandbox could not be mapped: ${found ? stderr : `${program} is not installed`}.`,
  );
}
