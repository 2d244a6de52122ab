import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Log } from "../../../../engine/ports.ts";
import { messageOf } from "../../../../std/message-of.ts";
import { sealed } from "../../inherited-descriptors.ts";
import { systemCode } from "../../process-faults.ts";
import { writeRecord } from "../../state-folders.ts";
import { writeIdMap } from "../machine/id-map.ts";
import { subordinateIds, type SubordinateMap } from "../machine/sub-ids.ts";
import { HOST_ENVIRONMENT } from "../session/session-programs.ts";
import { complaintOf } from "../session/set-up-child.ts";
import { fileLock } from "./file-lock.ts";
import { HOLDER_SCRIPT } from "./holder-script.ts";
import { endLostSessions, type SessionPlaces, sessionsOf } from "./left-sessions.ts";
import { findHolder, holderRecord, outerFiles, type OuterFiles } from "./outer-files.ts";

export interface OuterNamespaceOptions {
  /** For what tells of it; one per state folder. */
  directory: string;
  /** Of every daemon that may be started inside. */
  sessions: SessionPlaces;
  /** Of the user's own, on a disk; sandboxes' roots can walk through it, but not to it. */
  cacheDirectory: string;
  /** Where newuidmap(1) is looked for. */
  searchPath: string;
  log: Log;
}

/**
 * A user and a mount namespace in which an ordinary user's engine is root over his own id and those that the
 * administrator gave him. Held by a process of its own from the first engine on until an engine has ended and no
 * session is left: whoever comes next finds the same, and so may signal, enter and delete what earlier ones left.
 */
export interface OuterNamespace extends Disposable {
  /** The words before a program, with full path, that start it inside, in the directory. */
  enter(directory: string): readonly string[];
  /** To be handed to what is started inside, and to be held by that until it ends. Disposing closes ours. */
  descriptor: number;
}

/** Undefined where there is none to be had, or where sessions run that were started outside of one. */
export async function openOuterNamespace(
  options: OuterNamespaceOptions,
): Promise<OuterNamespace | undefined> {
  const uid = process.geteuid?.();
  if (process.platform !== "linux" || uid === undefined || uid === 0) return undefined;
  const files = outerFiles(options.directory);
  const user = { uid, gid: process.getegid!() };
  const { searchPath, log } = options;
  const ids = await subordinateIds(user, { searchPath });
  // Without both there is nobody who could hold one.
  if (!ids.offered && (await findHolder(files)) === undefined) return undefined;
  try {
    await mkdir(files.directory, { recursive: true, mode: 0o700 });
    using _lock = await fileLock(files.lock);
    return (
      (await enterHeld(files)) ??
      (ids.offered ? await makeHeld(ids.map, files, options) : undefined)
    );
  } catch (error) {
    log.warn("the range of ids that newuidmap gives is not used", {
      reason: messageOf(error),
    });
    return undefined;
  }
}

async function enterHeld(files: OuterFiles): Promise<OuterNamespace | undefined> {
  const pid = await findHolder(files);
  if (pid === undefined) return undefined;
  try {
    return entry(pid, openSync(files.pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // Another process has the number now: nobody reads the pipe.
    if (systemCode(error) === "ENXIO" || systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function makeHeld(
  map: SubordinateMap,
  files: OuterFiles,
  { sessions, cacheDirectory, searchPath, log }: OuterNamespaceOptions,
): Promise<OuterNamespace | undefined> {
  const left = await sessionsOf(sessions);
  const own = left.filter(({ isOwn }) => isOwn);
  if (own.length > 0) {
    log.info("the range of ids that newuidmap gives is not used while sessions without it run", {
      sessionIds: own.map(({ sessionId }) => sessionId),
    });
    return undefined;
  }
  await endLostSessions(left, log);
  await mkdir(cacheDirectory, { recursive: true });
  await chmod(cacheDirectory, 0o755);
  const { pipe, lock, record } = files;
  const { directory, patterns } = sessions;
  const words = [cacheDirectory, pipe, lock, record, directory, patterns.join(" ")];
  // The first shell waits for its ids; the second is started with them, and so has the rights of root.
  const start = 'echo made && read -r _ && exec sh -c "$0" sandlot-holder "$@"';
  const separate = ["--user", "--mount", "--propagation", "slave", "--"];
  const child = spawn("unshare", [...separate, "sh", "-c", start, HOLDER_SCRIPT, ...words], {
    cwd: "/",
    detached: true,
    env: HOST_ENVIRONMENT,
    stdio: sealed(["pipe", "pipe", "pipe"]),
  });
  child.stdin!.on("error", () => undefined); // It has ended, and says why.
  const complaint = complaintOf(child);
  const says = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const expect = async (word: string) => {
    if ((await says.next()).value === word) return;
    throw new SandboxError(
      "isolation_unavailable",
      `Its user namespace could not be set up: ${(await complaint()) || "it ended at once"}.`,
    );
  };
  let descriptor: number | undefined;
  try {
    await expect("made");
    await writeIdMap(child.pid!, map, { searchPath });
    child.stdin!.write("\n");
    await expect("ready");
    descriptor = openSync(files.pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    await writeRecord(files.record, holderRecord(child.pid!) ?? {});
    child.stdin!.end("\n");
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    child.kill("SIGKILL");
    throw error;
  }
  child.unref();
  return entry(child.pid!, descriptor);
}

function entry(pid: number, descriptor: number): OuterNamespace {
  return {
    enter: (directory) => [
      "/usr/bin/nsenter",
      "--target",
      String(pid),
      "--user",
      "--mount",
      "--preserve-credentials",
      "--",
      "/bin/sh",
      "-c",
      // The layers that it makes are for others to walk through, whatever its caller wants of files.
      'umask 022 && cd "$1" && shift && exec "$@"',
      "sh",
      directory,
    ],
    descriptor,
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
