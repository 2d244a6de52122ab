import { constants } from "node:fs";
import { access, mkdir, readFile, rmdir, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ControlGroups, Controller, Offer } from "./machine.ts";
import { outsideUid } from "./outside-uid.ts";
import { runProgram } from "./run-program.ts";

const WANTED: readonly Controller[] = ["memory", "cpu", "cpuacct", "pids"];
const UNIFIED: readonly Controller[] = ["memory", "cpu", "pids"];

/** A mounted hierarchy of control groups, and where in it this process is. */
export interface Hierarchy {
  version: 1 | 2;
  /** The names of what it controls; none with version 2, which says so in each group. */
  controllers: string[];
  mountPoint: string;
  /** This process's group, as a path. */
  own: string;
}

/** The hierarchies, by the texts of /proc/self/mountinfo and /proc/self/cgroup. */
export function findHierarchies(mountinfo: string, membership: string): Hierarchy[] {
  const groups = membership.split("\n").flatMap((line) => {
    const parts = /^\d+:([^:]*):(\/.*)$/.exec(line);
    return parts ? [{ names: parts[1]!.split(","), path: parts[2]! }] : [];
  });
  return mountinfo.split("\n").flatMap((line) => {
    const parts = /^\d+ \d+ \S+ (\S+) (\S+) .*? - (cgroup2?) \S+ (\S+)$/.exec(line);
    if (!parts) return [];
    const [root, mountPoint] = [unescaped(parts[1]!), unescaped(parts[2]!)];
    const options = parts[4]!.split(",");
    const version = parts[3] === "cgroup2" ? 2 : 1;
    const group = groups.find(({ names }) =>
      version === 2 ? names[0] === "" : names.some((name) => name !== "" && options.includes(name)),
    );
    // A process outside of what is mounted has no group that can be named.
    if (!group || !isWithin(group.path, root) || group.path.split("/").includes("..")) return [];
    const below = root === "/" ? group.path : group.path.slice(root.length);
    const own = resolve(mountPoint, `.${below}`);
    return [{ version, controllers: version === 2 ? [] : group.names, mountPoint, own }];
  });
}

function isWithin(path: string, root: string): boolean {
  return root === "/" || path === root || path.startsWith(`${root}/`);
}

// Spaces and the like stand as octal numbers.
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}

/**
 * What this process may do with control groups, found by making one. Root of an ordinary user's namespace is told
 * what would help that user.
 */
export async function inspectControlGroups({ isOuterRoot = false } = {}): Promise<
  Offer<{ groups: ControlGroups }>
> {
  const texts = ["/proc/self/mountinfo", "/proc/self/cgroup"].map(
    (file) => readFile(file, "utf8").catch(() => ""), // Another system, or a container without /proc.
  );
  const [mountinfo = "", membership = ""] = await Promise.all(texts);
  const hierarchies = findHierarchies(mountinfo, membership);
  const groups = (await unifiedGroups(hierarchies)) ?? (await separateGroups(hierarchies));
  return groups ? { offered: true, groups } : explainLack(hierarchies, isOuterRoot);
}

async function separateGroups(hierarchies: Hierarchy[]): Promise<ControlGroups | undefined> {
  const found = await Promise.all(
    WANTED.map(async (controller) => {
      const hierarchy = hierarchies.find(({ controllers }) => controllers.includes(controller));
      return hierarchy && (await canMakeGroup(hierarchy.own)) ? [[controller, hierarchy.own]] : [];
    }),
  );
  const controllers = Object.fromEntries(found.flat()) as Partial<Record<Controller, string>>;
  // Without either, nothing of worth is limited.
  if (!controllers.memory && !controllers.pids) return undefined;
  const freezer = hierarchies.find((each) => each.controllers.includes("freezer"))?.own;
  const canFreeze = freezer !== undefined && (await canMakeGroup(freezer));
  return { version: 1, controllers, ...(canFreeze && { freezer }) };
}

async function unifiedGroups(hierarchies: Hierarchy[]): Promise<ControlGroups | undefined> {
  const hierarchy = hierarchies.find(({ version }) => version === 2);
  return hierarchy && findUnified(hierarchy);
}

/**
 * The nearest group, this process's own or one above it, in which groups with controllers can be made.
 * Groups that hold processes themselves cannot give controllers to groups below: they come last, and
 * only this process's own.
 */
export async function findUnified({
  own,
  mountPoint,
}: Pick<Hierarchy, "own" | "mountPoint">): Promise<ControlGroups | undefined> {
  for (let directory = own; isWithin(directory, mountPoint); directory = dirname(directory)) {
    const group = await readUnified(directory, { isTop: directory === mountPoint });
    if (group && !group.occupied) return group;
  }
  return readUnified(own, { isTop: own === mountPoint });
}

async function readUnified(
  directory: string,
  { isTop }: { isTop: boolean },
): Promise<Extract<ControlGroups, { version: 2 }> | undefined> {
  const [available, delegated, processes] = await Promise.all(
    ["cgroup.controllers", "cgroup.subtree_control", "cgroup.procs"].map(
      (name) => readFile(join(directory, name), "utf8").catch(() => ""), // Not there in a group's stand-in, or not ours.
    ),
  );
  const given = words(delegated);
  const canGive = await isWritable(join(directory, "cgroup.subtree_control"));
  const has = canGive ? words(available) : given;
  const controllers = UNIFIED.filter((name) => has.includes(name));
  if (!controllers.includes("memory") && !controllers.includes("pids")) return undefined;
  // Whoever wants to put processes into a group below must be allowed to in the group above both.
  if (!(await isWritable(join(directory, "cgroup.procs")))) return undefined;
  if (!(await canMakeGroup(directory))) return undefined;
  const isGiven = controllers.every((name) => given.includes(name));
  // The machine's own topmost group is free of that rule; it alone does not say what type it is.
  const isRoot =
    isTop && (await readFile(join(directory, "cgroup.type"), "utf8").catch(() => "")) === "";
  const occupied = !isGiven && !isRoot && words(processes).length > 0;
  return { version: 2, directory, controllers, occupied };
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter((word) => word !== "") ?? [];
}

async function isWritable(file: string): Promise<boolean> {
  return access(file, constants.W_OK).then(
    () => true,
    () => false, // Whatever it is that says no.
  );
}

let made = 0;

async function canMakeGroup(directory: string): Promise<boolean> {
  const trial = join(directory, `sandlot-trial-${process.pid}-${made++}`);
  try {
    await mkdir(trial);
    await rmdir(trial);
    return true;
  } catch {
    return false; // Read-only, not ours, or too many already: none can be made.
  }
}

const SCOPE = "systemd-run --user --scope";

async function explainLack(
  hierarchies: Hierarchy[],
  isOuterRoot: boolean,
): Promise<{ offered: false; reason: string; advice: string }> {
  if (hierarchies.length === 0) {
    return {
      offered: false,
      reason: "No control groups are mounted here.",
      advice: "sudo mount -t cgroup2 none /sys/fs/cgroup",
    };
  }
  const uid = isOuterRoot ? outsideUid() : (process.geteuid?.() ?? 0);
  if (uid === 0) {
    return {
      offered: false,
      reason: "The control groups cannot be changed here, as in most containers.",
      advice: "docker run --privileged --cgroupns=private ...",
    };
  }
  const isUnified = hierarchies.some(
    ({ version, mountPoint }) => version === 2 && mountPoint === "/sys/fs/cgroup",
  );
  if (!isUnified) {
    return {
      offered: false,
      reason: "Control groups of version 1 can be changed by root only.",
      advice: "sudo sandlot daemon start",
    };
  }
  return (await hasUserManager(uid))
    ? {
        offered: false,
        reason: "This process is not in a part of the control groups that is this user's.",
        advice: `${SCOPE} sandlot daemon start`,
      }
    : {
        offered: false,
        reason: "No systemd manager of this user's runs that could give it control groups.",
        advice: `sudo loginctl enable-linger ${uid} && ${SCOPE} sandlot daemon start`,
      };
}

/** Found by having it run something. */
async function hasUserManager(uid: number): Promise<boolean> {
  const runtime = `/run/user/${uid}`;
  // Absent without a session or lingering; then systemd-run would only take its time to fail.
  if (
    !(await statfs(runtime).then(
      () => true,
      () => false,
    ))
  )
    return false;
  const { ok } = await runProgram([...SCOPE.split(" "), "--quiet", "true"], {
    env: { XDG_RUNTIME_DIR: runtime },
  });
  return ok;
}
