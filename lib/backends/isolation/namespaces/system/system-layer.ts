import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import {
  chmod,
  lchown,
  lstat,
  mkdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { SandboxError } from "../../../../contract/errors.ts";
import { DEFAULT_USER } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { sandboxAccounts } from "./accounts.ts";
import { cachedLayer } from "./cached-layer.ts";
import { sudoScript } from "./sudo-script.ts";
import {
  DEVICES,
  EMPTY_DIRECTORIES,
  ETC_ENTRIES,
  LINKS,
  MERGED_DIRECTORIES,
  VAR_ENTRIES,
  writtenFiles,
} from "./system-files.ts";

const run = promisify(execFile);

/** Changes with what the code below makes. */
const FORMAT = 3;

/**
 * The lowest layers of every sandbox's file system, shared by all: `root` holds what is neither in
 * `/usr` nor the sandbox's own; `usr` holds the *directories* of the host's `/usr` once more, owned
 * by the sandbox's root, and is laid over the host's, so that every one of them can be written to.
 */
export interface SystemLayer {
  directory: string;
}

/** Finds the layer that fits the host as it is now, or makes it, which takes seconds. */
export async function ensureSystemLayer(options: {
  cacheDirectory: string;
  ids: IdMap;
}): Promise<SystemLayer> {
  const { cacheDirectory, ids } = options;
  const directory = await cachedLayer({
    cacheDirectory,
    kind: "system",
    key: fingerprint(ids),
    make: (making) => make(making, ids),
  });
  return { directory };
}

/** Changes whenever the host's packages do. */
function fingerprint(ids: IdMap): string {
  const hash = createHash("sha256").update(JSON.stringify([FORMAT, ids]));
  for (const path of WITNESSES) {
    const stats = statSync(path, { throwIfNoEntry: false });
    hash.update(`${path} ${stats?.mtimeMs ?? "-"}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

const WITNESSES = [
  "/usr",
  "/usr/bin",
  "/usr/lib",
  "/usr/share",
  "/usr/local",
  "/usr/local/lib",
  "/usr/local/share",
  "/var/lib/dpkg/status",
  "/var/lib/dpkg/info",
  "/etc/alternatives",
  "/etc/passwd",
  "/etc/group",
  "/etc/ld.so.cache",
  "/etc/apt/sources.list.d",
  "/etc/ssl/certs/ca-certificates.crt",
];

async function make(target: string, ids: IdMap): Promise<void> {
  const root = join(target, "root");
  await mkdir(join(target, "usr"), { recursive: true, mode: 0o711 });
  await mkdir(root);
  await Promise.all([makeUsr(join(target, "usr"), ids), makeRoot(root, ids)]);
  for (const path of [target, root]) await chmod(path, 0o755);
}

async function makeRoot(root: string, ids: IdMap): Promise<void> {
  for (const [path] of EMPTY_DIRECTORIES) await mkdir(join(root, path), { recursive: true });
  await copyEntries("/etc", join(root, "etc"), ETC_ENTRIES);
  await copyEntries("/var", join(root, "var"), VAR_ENTRIES);
  for (const name of MERGED_DIRECTORIES) await copyLink(`/${name}`, join(root, name));
  for (const [path, target] of LINKS) await symlink(target, join(root, path));
  for (const name of DEVICES) await writeFile(join(root, "dev", name), "");
  for (const [path, text] of Object.entries(writtenFiles({ singleId: ids.kind === "single" }))) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const accounts = sandboxAccounts({
    passwd: await readFile("/etc/passwd", "utf8"),
    group: await readFile("/etc/group", "utf8"),
  });
  for (const [name, text] of Object.entries(accounts)) {
    await writeFile(join(root, "etc", name), text);
    if (name.endsWith("shadow")) await chmod(join(root, "etc", name), 0o600);
  }
  for (const [path, mode] of EMPTY_DIRECTORIES)
    if (mode !== undefined) await chmod(join(root, path), mode);
  await chmod(join(root, "etc/sudoers.d/90-default-user"), 0o440);
  await chownTree(root, ids);
  const own = { uid: hostUid(ids, DEFAULT_USER.uid), gid: hostGid(ids, DEFAULT_USER.gid) };
  await mkdir(join(root, DEFAULT_USER.home));
  await lchown(join(root, DEFAULT_USER.home), own.uid, own.gid);
}

/** The directories alone, with their modes and times. */
async function makeUsr(usr: string, ids: IdMap): Promise<void> {
  const owner = `--owner=${hostUid(ids, 0)} --group=${hostGid(ids, 0)}`;
  const list = "cd /usr && find . -xdev -type d -print0";
  const pack = `tar --null --no-recursion ${owner} -T - -cf -`;
  // Directories that we may not even look at are none that a sandbox could.
  await shell(`{ ${list} | ${pack}; } 2>/dev/null | tar -xpf - -C "$1"`, usr);
  const sudo = join(usr, "bin", "sudo");
  await mkdir(dirname(sudo), { recursive: true });
  await writeFile(sudo, sudoScript(ids.kind === "single" ? "nested" : "ambient"));
  await chmod(sudo, 0o755);
  await lchown(sudo, hostUid(ids, 0), hostGid(ids, 0));
}

/** Copies what is there and may be read by everybody: a secret is no part of a system. */
async function copyEntries(from: string, to: string, names: readonly string[]): Promise<void> {
  const there: string[] = [];
  for (const name of names) {
    const found = await lstat(join(from, name)).catch(() => undefined); // Not every host has it.
    if (found) there.push(name);
  }
  const list = `find "$@" ! -type d ! -type p ! -type s -perm -004 -print0`;
  // tar makes the directories that it needs, with the usual mode.
  await shell(
    `cd "$1" && shift && to=$1 && shift && ${list} | tar --null -T - -cf - | tar -xf - --no-same-owner -C "$to"`,
    from,
    to,
    ...there,
  );
}

async function copyLink(from: string, to: string): Promise<void> {
  const found = await lstat(from).catch(() => undefined); // lib32 and the like are rare.
  if (!found) return;
  if (found.isSymbolicLink()) await symlink(await readlink(from), to);
  else {
    throw new SandboxError(
      "isolation_unavailable",
      `${from} is a directory of its own on this machine; sandboxes need a system whose ${from} leads into /usr.`,
    );
  }
}

async function chownTree(root: string, ids: IdMap): Promise<void> {
  if (ids.kind === "single") return; // Everything is made as the one id that there is.
  await shell('chown -Rh "$2" "$1"', root, `${hostUid(ids, 0)}:${hostGid(ids, 0)}`);
}

async function shell(script: string, ...args: string[]): Promise<void> {
  try {
    await run("/bin/sh", ["-c", script, "sh", ...args], {
      env: { LC_ALL: "C", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
  } catch (error) {
    throw new SandboxError(
      "internal",
      "The system's part of the sandboxes' file system could not be made.",
      { cause: error },
    );
  }
}
