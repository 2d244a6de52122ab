import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sealed } from "../../inherited-descriptors.ts";
import { readProcess } from "../../process-table.ts";
import { bounded } from "../commands/entered-script.ts";
import type { SessionLimits } from "../limits/limiter.ts";
import { OPEN_FILES_LIMIT } from "../limits/process-floor.ts";
import { asNamespaceRoot, type IdMap } from "../machine/id-map.ts";
import { DEFAULT_USER } from "../default-user.ts";
import type { Cradle } from "./cradle.ts";
import { HOST_ENVIRONMENT } from "./session-programs.ts";
import { complaintOf, letGo, setUpFault } from "./set-up-child.ts";
import {
  fileSystemTable,
  HIDDEN_IN_PROC,
  HOSTS_ROOT,
  mountPoints,
  type SessionMounts,
  setUpScript,
} from "./set-up-script.ts";

/** The first process of a session: as long as it lives, so do the namespaces and all that runs in them. */
export interface SessionInit {
  pid: number;
  startTime: string;
}

export interface RaiseOptions {
  hostname: string;
  ids: IdMap;
  /** The directory that relative paths begin at. */
  directory: string;
  /** The root's folder below it, made already: `upper` and `work` with `root` and `usr` in each. */
  folder: string;
  base: SessionMounts["base"];
  layers: readonly string[];
  drives: SessionMounts["drives"];
  directories: readonly string[];
  processes: number;
  /** What is counted into by a shell as `SessionLimits.joinFiles` tells. */
  joinFiles: readonly string[];
}

/** Namespaces and a file system in which nothing runs yet. It ends with this process, until it is given away. */
export interface StandingSession extends Cradle {
  /** Makes it a session's own; from then on it outlives this process, and is not to be disposed of. */
  give(owner: {
    sessionId: string;
    limits: Pick<SessionLimits, "shellLimits">;
  }): Promise<SessionInit>;
}

/**
 * Starts a session's first process in the cradle's namespaces and in others of its own, with the file
 * system put together. Leaves nothing running when it fails.
 */
export async function raiseSession(
  cradle: Pick<Cradle, "pid">,
  options: RaiseOptions,
): Promise<StandingSession> {
  const { ids, directory, folder } = options;
  const table = join(folder, "fstab");
  const mounts = { ...options, own: folder, hidden: hiddenInProc() };
  await writeFile(join(directory, table), fileSystemTable(mounts), { mode: 0o644 });
  const enter = enterAndUnshare(cradle, options, { table, mounts });
  // Outside, where control groups are seen, and where the machine's root may raise limits.
  const counted = options.joinFiles.map((file) => `echo 0 >'${file}'`);
  const script = [...counted, OPEN_FILES_LIMIT, 'exec "$@"'].join("; ");
  const starter = spawn("sh", ["-c", script, "sh", ...enter], {
    cwd: directory,
    env: HOST_ENVIRONMENT,
    detached: true,
    stdio: sealed(["pipe", "pipe", "pipe"]),
  });
  try {
    return await follow(starter, ids, mountPoints(mounts));
  } catch (error) {
    starter.kill("SIGKILL");
    throw error;
  }
}

function enterAndUnshare(
  cradle: Pick<Cradle, "pid">,
  options: RaiseOptions,
  files: { table: string; mounts: SessionMounts },
): string[] {
  const { ids } = options;
  const owner = ids.kind === "range" ? `${DEFAULT_USER.uid}:${DEFAULT_USER.gid}` : "0:0";
  const namespaces = ["--mount", "--pid", "--fork", "--ipc", "--uts"];
  const separate = [...namespaces, "--kill-child", "--propagation", "private"];
  const target = ["--target", String(cradle.pid), "--user", "--net"];
  const script = setUpScript({ ...options, ...files, owner });
  const unshare = ["unshare", ...separate, "--", "sh", "-c", script];
  return ["nsenter", ...target, ...asNamespaceRoot(ids), "--", ...unshare];
}

async function follow(
  starter: ChildProcess,
  ids: IdMap,
  expected: ReadonlySet<string>,
): Promise<StandingSession> {
  const says = createInterface({ input: starter.stdout! })[Symbol.asyncIterator]();
  const complaint = complaintOf(starter);
  starter.stdin!.on("error", () => undefined); // What it has to say of its end comes otherwise.
  const expect = async (word: string) => {
    const { value } = await says.next();
    if (value === word) return;
    throw setUpFault(await complaint());
  };
  await expect("pivoted");
  const pid = onlyChild(starter.pid!);
  await detachHostsRoot(pid, ids);
  requireOnly(expected, pid);
  starter.stdin!.write("\n");
  await expect("standing");
  const startTime = readProcess(pid)?.startTime;
  if (startTime === undefined) throw setUpFault("its first process ended at once");
  letGo(starter);
  return {
    pid,
    onEnd: (call) => void starter.once("exit", call),
    async give({ sessionId, limits }) {
      const awaited = starter.stdout as Socket;
      awaited.ref();
      try {
        starter.stdin!.end(`${bounded(sessionId, { joinFiles: [], ...limits })}\n`);
        await expect("ready");
      } finally {
        awaited.unref();
      }
      return { pid, startTime };
    },
    [Symbol.dispose]: () => void starter.kill("SIGKILL"),
  };
}

/** From now on nothing inside can reach what is outside. */
async function detachHostsRoot(init: number, ids: IdMap): Promise<void> {
  // A program of the host's with the host's root, in the session's mount namespace.
  const enter = ["--target", String(init), "--user", "--mount", "--root=/", "--wd=/"];
  const hostsRoot = `/proc/${init}/root${HOSTS_ROOT}`;
  const child = spawn(
    "nsenter",
    [...enter, ...asNamespaceRoot(ids), "--", "umount", "-l", "-c", hostsRoot],
    { cwd: "/", env: HOST_ENVIRONMENT, stdio: sealed(["ignore", "ignore", "pipe"]) },
  );
  const complaint = complaintOf(child);
  const [code] = await once(child, "exit");
  if (code !== 0) throw setUpFault(await complaint());
}

/** Whatever else is mounted there could lead out: a session that has more is none. */
function requireOnly(expected: ReadonlySet<string>, init: number): void {
  const mounted = readFileSync(`/proc/${init}/mountinfo`, "utf8").trim().split("\n");
  const found = mounted.map((line) => line.split(" ")[4] ?? "");
  const strange = found.filter((path) => !expected.has(path));
  if (strange.length === 0 && found.length === new Set(found).size) return;
  throw setUpFault("its file system was put together in another way than it should");
}

function onlyChild(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  if (!/^\d+$/.test(children)) throw setUpFault("its first process was not found");
  return Number(children);
}

function hiddenInProc(): SessionMounts["hidden"] {
  const isThere = (name: string) => existsSync(`/proc/${name}`);
  return {
    files: HIDDEN_IN_PROC.files.filter(isThere),
    directories: HIDDEN_IN_PROC.directories.filter(isThere),
  };
}
