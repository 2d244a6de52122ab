import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SandboxError } from "../../../../contract/errors.ts";
import { sealed } from "../../inherited-descriptors.ts";
import { readProcess } from "../../process-table.ts";
import { bounded } from "../commands/entered-script.ts";
import type { SessionLimits } from "../limits/limiter.ts";
import { asNamespaceRoot, type IdMap, writeIdMap } from "../machine/id-map.ts";
import { DEFAULT_USER } from "../default-user.ts";
import { HOST_ENVIRONMENT } from "./session-programs.ts";
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

export interface StartSessionOptions {
  sessionId: string;
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
  limits: Pick<SessionLimits, "joinFiles" | "shellLimits">;
  signal?: AbortSignal | undefined;
}

/** A user and a network namespace without anything in them, held by a process that ends with this one. */
export interface Cradle extends Disposable {
  pid: number;
  /** Calls once when it has ended, by itself or otherwise. */
  onEnd(call: () => void): void;
}

/** Throws `isolation_unavailable` where the machine does not let us. */
export async function makeCradle(ids: IdMap): Promise<Cradle> {
  const holder = spawn("unshare", ["--user", "--net", "cat"], {
    env: HOST_ENVIRONMENT,
    stdio: sealed(["pipe", "pipe", "pipe"]),
  });
  try {
    // The echo tells that it is inside.
    holder.stdin?.on("error", () => undefined).write("\n");
    await firstOutput(holder, "a user namespace");
    await writeIdMap(holder.pid!, ids);
  } catch (error) {
    holder.kill("SIGKILL");
    throw error;
  }
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout, holder.stderr]) unref(stream);
  return {
    pid: holder.pid!,
    onEnd: (call) => void holder.once("exit", call),
    [Symbol.dispose]: () => void holder.kill("SIGKILL"),
  };
}

/**
 * Starts a session's first process in the cradle's namespaces and in others of its own, with the file
 * system put together. It outlives this process. Leaves nothing behind when it fails.
 */
export async function startSession(
  cradle: Cradle,
  options: StartSessionOptions,
): Promise<SessionInit> {
  const { ids, directory, folder, signal } = options;
  const table = join(folder, "fstab");
  const mounts = { ...options, own: folder, hidden: hiddenInProc() };
  await writeFile(join(directory, table), fileSystemTable(mounts), { mode: 0o644 });
  signal?.throwIfAborted();
  const enter = enterAndUnshare(cradle, options, { table, mounts });
  const starter = spawn("sh", ["-c", starterScript(options), "sh", ...enter], {
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

// The limits and the session's mark are handed down to all that runs inside.
function starterScript({ sessionId, limits }: StartSessionOptions): string {
  return `${bounded(sessionId, limits)}; exec "$@"`;
}

function enterAndUnshare(
  cradle: Cradle,
  options: StartSessionOptions,
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
): Promise<SessionInit> {
  const says = createInterface({ input: starter.stdout! })[Symbol.asyncIterator]();
  const complaint = collect(starter);
  const expect = async (word: string) => {
    const { value } = await says.next();
    if (value === word) return;
    throw setUpFault(await complaint());
  };
  await expect("pivoted");
  const pid = onlyChild(starter.pid!);
  await detachHostsRoot(pid, ids);
  requireOnly(expected, pid);
  starter.stdin!.end("\n");
  await expect("ready");
  starter.unref();
  for (const stream of starter.stdio) unref(stream);
  const startTime = readProcess(pid)?.startTime;
  if (startTime === undefined) throw setUpFault("its first process ended at once");
  return { pid, startTime };
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
  const complaint = collect(child);
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

async function firstOutput(child: ChildProcess, what: string): Promise<void> {
  const complaint = collect(child);
  const ended = once(child, "exit").then(async () => {
    throw setUpFault(`${what} could not be made: ${await complaint()}`);
  });
  await Promise.race([once(child.stdout!, "data"), ended]);
  ended.catch(() => undefined); // It ends when it is told to, later.
}

/** What a program says on its stderr, once it has ended. */
function collect(child: ChildProcess): () => Promise<string> {
  let text = "";
  child.stderr!.on("data", (data: Buffer) => (text += data.toString()));
  const failed = once(child, "error").then(([error]: unknown[]) => String(error));
  failed.catch(() => undefined);
  const closed = once(child, "close").then(() => text.trim(), String);
  return () => Promise.race([closed, failed]);
}

function setUpFault(reason: string): SandboxError {
  return new SandboxError(
    "isolation_unavailable",
    `A sandbox's namespaces could not be set up: ${reason}. \`sandlot doctor\` tells what this machine lacks.`,
  );
}

function unref(stream: unknown): void {
  if (stream && typeof stream === "object" && "unref" in stream)
    (stream as { unref(): void }).unref();
}
