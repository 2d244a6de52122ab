import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlGroups, Controller } from "../machine/machine.ts";
import type { LimitRequest } from "./limiter.ts";
import { directoriesOf, directoryOf, type SessionGroup } from "./session-group.ts";

// All of it is done without giving way to anybody: a session that ends takes the directory above all
// sessions with it when it was the last. Each step takes the kernel some microseconds.

/** The kernel's default; processor time is dealt out over this. */
const PERIOD_US = 100_000;
const MEGABYTE = 1024 * 1024;
/** Where this process goes when it stands in the way. */
const ENGINE_GROUP = "sandlot-engine";

/** Where the groups of the name are to be. Nothing is made yet. */
export function placeOf(
  groups: ControlGroups,
  { parent, name }: { parent: string; name: string },
): SessionGroup {
  const place = (directory: string) => join(directory, parent, name);
  if (groups.version === 2) {
    const { directory, controllers } = groups;
    return { version: 2, directory: place(directory), controllers };
  }
  const places = Object.entries(groups.controllers).map(([key, each]) => [key, place(each)]);
  return { version: 1, directories: Object.fromEntries(places) as Directories };
}

type Directories = Extract<SessionGroup, { version: 1 }>["directories"];

/** Makes groups without limits, where they are not there yet. */
export function makeDirectories(group: SessionGroup): void {
  for (const directory of directoriesOf(group)) mkdirSync(directory, { recursive: true });
}

/** Makes a session's groups and sets their limits. */
export function makeGroup(group: SessionGroup, request: LimitRequest): void {
  makeDirectories(group);
  const set = group.version === 1 ? SEPARATE : UNIFIED;
  const [memory, cpu, pids] = (["memory", "cpu", "pids"] as const).map((name) =>
    directoryOf(group, name),
  );
  if (memory) set.memory(memory, request.memoryMb * MEGABYTE);
  if (cpu) set.cpu(cpu, request.vcpus);
  if (pids) write(pids, "pids.max", request.processes);
}

const SEPARATE = {
  memory(directory: string, bytes: number): void {
    write(directory, "memory.limit_in_bytes", bytes);
    // With swap it would not be full when it is full. Not every kernel counts swap.
    writeIfThere(directory, "memory.memsw.limit_in_bytes", bytes);
    writeIfThere(directory, "memory.swappiness", 0);
  },
  cpu(directory: string, vcpus: number): void {
    writeIfThere(directory, "cpu.cfs_period_us", PERIOD_US);
    writeIfThere(directory, "cpu.cfs_quota_us", vcpus * PERIOD_US);
  },
};

const UNIFIED = {
  memory(directory: string, bytes: number): void {
    write(directory, "memory.max", bytes);
    writeIfThere(directory, "memory.swap.max", 0);
  },
  cpu(directory: string, vcpus: number): void {
    write(directory, "cpu.max", `${vcpus * PERIOD_US} ${PERIOD_US}`);
  },
};

/**
 * Makes the directory above all sessions with version 2, where controllers must be handed down group
 * by group. Throws what the kernel says when it refuses.
 */
export function handDown(groups: Extract<ControlGroups, { version: 2 }>, parent: string): void {
  if (groups.occupied) makeRoom(groups.directory);
  giveBelow(groups.directory, groups.controllers);
  const directory = join(groups.directory, parent);
  mkdirSync(directory, { recursive: true });
  giveBelow(directory, groups.controllers);
}

/** Whose processes stand in a group cannot hand down controllers: they go into a group below. */
function makeRoom(directory: string): void {
  const leaf = join(directory, ENGINE_GROUP);
  mkdirSync(leaf, { recursive: true });
  // A process that is just being started is seen at the next look.
  for (let pids = membersOf(directory); pids.length > 0; pids = membersOf(directory)) {
    for (const pid of pids) writeUnlessEnded(join(leaf, "cgroup.procs"), pid);
  }
}

function giveBelow(directory: string, controllers: readonly Controller[]): void {
  const given = readFileSync(join(directory, "cgroup.subtree_control"), "utf8").split(/\s+/);
  const missing = controllers.filter((name) => !given.includes(name));
  if (missing.length === 0) return;
  write(directory, "cgroup.subtree_control", missing.map((name) => `+${name}`).join(" "));
}

/** The processes of a group, without those of groups below. None when it is gone. */
export function membersOf(directory: string): number[] {
  try {
    const text = readFileSync(join(directory, "cgroup.procs"), "utf8");
    return text
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return []; // Gone, with all who were in it.
  }
}

function writeUnlessEnded(file: string, pid: number): void {
  try {
    writeFileSync(file, String(pid));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function write(directory: string, name: string, value: string | number): void {
  writeFileSync(join(directory, name), String(value));
}

function writeIfThere(directory: string, name: string, value: string | number): void {
  if (existsSync(join(directory, name))) write(directory, name, value);
}

/** The directory above all of an engine's sessions, for each hierarchy. */
export function parentsOf(groups: ControlGroups, parent: string): string[] {
  const directories =
    groups.version === 1
      ? [...(groups.freezer ? [groups.freezer] : []), ...Object.values(groups.controllers)]
      : [groups.directory];
  return [...new Set(directories)].map((directory) => join(directory, parent));
}
