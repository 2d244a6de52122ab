import { execFile } from "node:child_process";
import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Log } from "../../../../engine/ports.ts";
import { systemCode } from "../../process-faults.ts";
import type { StateFolders } from "../../state-folders.ts";
import { defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { bytePath } from "../roots/layer-directories.ts";
import { SYSTEM_DIRECTORIES } from "../roots/system-directories.ts";

const run = promisify(execFile);

/** Where users have something each: the directory is the system's, what is in it is not. */
const SHARED = ["home", "opt", "srv", "tmp", "media"];

/**
 * Sees to it that files of sandboxes that do not run belong to those who are inside. An engine with a single id
 * left everything to this user: with a range, what is the system's goes to the sandbox's root and all else to its
 * default user. The other way is barred: throws `engine_unavailable` when files have ids of a range and this
 * engine has none, since it could neither read nor delete them.
 */
export async function settleOwners(
  folders: StateFolders,
  { ids, log }: { ids: IdMap; log: Log | undefined },
): Promise<void> {
  const layers = (["roots", "snapshots"] as const).map(async (kind) => {
    const names = await folders.list(kind);
    return names.map((name) => join(folders.directory, kind, name, "upper"));
  });
  // What a crash left is deleted by the engine that comes next, if it can be.
  for (const name of await readdir(join(folders.directory, "temporary"))) {
    const owner = await ownerOf(join(folders.directory, "temporary", name, "upper", "root"));
    if (owner !== undefined) requireReach(owner, { ids, folders });
  }
  const drives = (await folders.list("drives")).map((name) => folders.drive(name));
  const own = process.geteuid?.();
  for (const upper of (await Promise.all(layers)).flat()) {
    const owner = await ownerOf(join(upper, "root"));
    if (owner === undefined) continue;
    requireReach(owner, { ids, folders });
    if (ids.kind === "single" || owner !== own) continue;
    log?.info("files of a sandbox get the owners that they have with a range of ids", { upper });
    await giveLayer(upper, ids);
  }
  for (const drive of drives) {
    const owner = await ownerOf(drive);
    if (owner === undefined) continue;
    requireReach(owner, { ids, folders });
    if (ids.kind === "single" || owner !== own) continue;
    await give({ directory: dirname(drive), which: named([basename(drive)]) }, defaultOwner(ids));
  }
}

async function ownerOf(path: string): Promise<number | undefined> {
  const stats = await lstat(path).catch(() => undefined); // A half that a crash left: it is swept.
  return stats?.uid;
}

function requireReach(
  owner: number,
  { ids, folders }: { ids: IdMap; folders: StateFolders },
): void {
  if (ids.kind !== "single" || ids.uid === 0 || owner === ids.uid) return;
  throw new SandboxError(
    "engine_unavailable",
    `The sandboxes in ${folders.directory} have ids of the range that newuidmap gives, which this engine was started without: only a daemon with \`namespaces\` isolation has it, where newuidmap is installed. Use that one (SANDLOT_ENGINE=daemon, SANDLOT_ISOLATION unset, \`sandlot doctor\` says what is missing), or another folder (SANDLOT_HOME).`,
  );
}

/** What tells whose the layer is comes last, so that a crash in between is made good by the next engine. */
async function giveLayer(upper: string, ids: IdMap): Promise<void> {
  const system = { uid: hostUid(ids, 0), gid: hostGid(ids, 0) };
  const directory = join(upper, "root");
  const systems = named([...SYSTEM_DIRECTORIES]);
  await give({ directory, which: ["!", ...systems] }, defaultOwner(ids));
  await give({ directory, which: systems }, system);
  await give({ directory: upper, which: named(["usr"]) }, system);
  for (const path of SHARED.map((name) => join(directory, name))) {
    if (await isDirectory(path)) await lchown(path, system.uid, system.gid);
  }
  await lchown(directory, system.uid, system.gid);
}

/** Entries of a directory, by the words that find(1) has for them. */
interface Entries {
  directory: string;
  which: readonly string[];
}

/** Gives trees away with their modes: a new owner takes from programs that they run as theirs. */
async function give(entries: Entries, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const list = `exec find "$@" -type f -perm /6000 -printf '%m %p\\0'`;
  const marked = await onEach(entries, ["sh", "-c", list, "sh"]);
  await onEach(entries, ["chown", "-hR", `${uid}:${gid}`, "--"]);
  for (const line of marked.split("\0").filter(Boolean)) {
    const [, mode = "", path = ""] = /^(\d+) (.*)$/s.exec(line) ?? [];
    const file = bytePath(entries.directory, path);
    await chmod(file, Number.parseInt(mode, 8)).catch((error: unknown) => {
      // Nobody can run what lies deeper than a path can tell.
      if (systemCode(error) !== "ENAMETOOLONG") throw error;
    });
  }
}

/** Runs a program on the entries, however many they are and whatever a sandbox has called them. */
async function onEach({ directory, which }: Entries, program: string[]): Promise<string> {
  const words = [".", "-mindepth", "1", "-maxdepth", "1", ...which, "-exec", ...program, "{}", "+"];
  try {
    const { stdout } = await run("find", words, {
      cwd: directory,
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
      // A name may be no text.
      encoding: "latin1",
      maxBuffer: Infinity,
    });
    return stdout;
  } catch (error) {
    throw new SandboxError("internal", "Files could not be given to their new owner.", {
      cause: error,
    });
  }
}

/** find's words for entries with one of the names, which have no signs of a pattern. */
function named(names: readonly string[]): string[] {
  const either = names.flatMap((name) => ["-o", "-name", name]);
  return ["(", ...either.slice(1), ")"];
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined); // The sandbox has none.
  return stats?.isDirectory() ?? false;
}
