import { execFile } from "node:child_process";
import { chmod, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Log } from "../../../../engine/ports.ts";
import { ownTree } from "../../own-tree.ts";
import type { StateFolders } from "../../state-folders.ts";
import { defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";

const run = promisify(execFile);

/** Of the system's: an entry of the topmost directory that is none of these is the default user's, with all in it. */
const SYSTEM = new Set(
  "bin sbin lib lib32 lib64 libx32 usr etc var boot dev proc sys run mnt root".split(" "),
);
/** Where users have something each: the directory is the system's, what is in it is not. */
const SHARED = new Set(["home", "opt", "srv", "tmp", "media"]);

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
    if (ids.kind !== "single" && owner === own) await give([drive], defaultOwner(ids));
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
  const root = join(upper, "root");
  const entries = await readdir(root, { withFileTypes: true });
  const path = ({ name }: { name: string }) => join(root, name);
  const isSystems = ({ name }: { name: string }) => SYSTEM.has(name);
  await give(entries.filter((entry) => !isSystems(entry)).map(path), defaultOwner(ids));
  const usr = join(upper, "usr");
  await give([...entries.filter(isSystems).map(path), usr], system);
  const alone = entries.filter((entry) => entry.isDirectory() && SHARED.has(entry.name));
  await shell('chown -h "$@"', [`${system.uid}:${system.gid}`, ...alone.map(path), root]);
}

/** Gives trees away with their modes: a new owner takes from programs that they run as theirs. */
async function give(paths: readonly string[], owner: { uid: number; gid: number }): Promise<void> {
  if (paths.length === 0) return;
  const marked = await shell(`find "$@" -type f -perm /6000 -printf '%m %p\\0'`, paths);
  await ownTree(paths, owner);
  for (const line of marked.split("\0").filter(Boolean)) {
    const [, mode = "", path = ""] = /^(\d+) (.*)$/s.exec(line) ?? [];
    await chmod(Buffer.from(path, "latin1"), Number.parseInt(mode, 8));
  }
}

async function shell(script: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", ...words], {
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    // A name may be no text.
    encoding: "latin1",
    maxBuffer: Infinity,
  });
  return stdout;
}
