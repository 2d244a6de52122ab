import { chmod, lchown, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomText } from "../../../../std/ids.ts";
import { DEFAULTS } from "../../../../contract/defaults.ts";
import { SandboxUser, USER_DIRECTORIES } from "../../../../contract/sandbox-user.ts";
import { defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { resolvConf } from "../network/router/link-addresses.ts";
import { firstNamed } from "./accounts.ts";
import type { SystemLayer } from "./system-layer.ts";

/** Where a system's programs find the certificates that they trust. */
export const TRUSTED_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
/** Those that the usual ones lack, for programs that bring the usual ones with them, as Node does. */
export const EXTRA_CERTIFICATES = "/etc/ssl/certs/sandlot-extra.pem";

/**
 * What is the same for all sandboxes of one engine, above the system layer: how names are looked up, whom to
 * trust, and the directory in which commands start unless they are told another. Made anew at each start; the
 * directory holds `root` as the system layer does.
 */
export async function makeEngineLayer(options: {
  directory: string;
  system: SystemLayer;
  /** The engine's own authority, and what this machine trusts besides. */
  extraPem: string;
  ids: IdMap;
}): Promise<void> {
  const { directory, system, extraPem, ids } = options;
  const host = await readFile(join(system.directory, "root", TRUSTED_CERTIFICATES), "utf8").catch(
    () => "", // A host that keeps them elsewhere, or has none.
  );
  const files = {
    [TRUSTED_CERTIFICATES]: host + extraPem,
    [EXTRA_CERTIFICATES]: extraPem,
    "/etc/resolv.conf": resolvConf(),
  };
  const owner = [hostUid(ids, 0), hostGid(ids, 0)] as const;
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, "root", path);
    await makeDirectories(join(directory, "root"), dirname(path), owner);
    await placeFile(file, text, owner);
  }
  const { uid, gid } = defaultOwner(ids);
  for (const path of USER_DIRECTORIES) {
    await makeDirectories(join(directory, "root"), path, owner);
  }
  for (const path of USER_DIRECTORIES) await lchown(join(directory, "root", path), uid, gid);
  await makeUserLayers({ directory, system, owner });
}

/**
 * For each name of the default user but the usual one, in `users`: the tables of the system layer with that name
 * first, as the one by which files' owners and whoever asks for itself is called.
 */
async function makeUserLayers({
  directory,
  system,
  owner,
}: {
  directory: string;
  system: SystemLayer;
  owner: readonly [uid: number, gid: number];
}): Promise<void> {
  for (const user of SandboxUser.options) {
    if (user === DEFAULTS.user) continue;
    const root = join(directory, "users", user);
    await makeDirectories(directory, "users", owner);
    await makeDirectories(root, "etc", owner);
    for (const table of ["etc/passwd", "etc/group"]) {
      const text = await readFile(join(system.directory, "root", table), "utf8");
      await placeFile(join(root, table), firstNamed(text, user), owner);
    }
  }
}

async function placeFile(
  file: string,
  text: string,
  owner: readonly [uid: number, gid: number],
): Promise<void> {
  const draft = `${file}.${randomText(6)}`;
  await writeFile(draft, text);
  await chmod(draft, 0o644);
  await lchown(draft, ...owner);
  await rename(draft, file);
}

async function makeDirectories(
  root: string,
  path: string,
  owner: readonly [uid: number, gid: number],
): Promise<void> {
  const names = path.split("/").filter((name) => name !== "");
  for (let depth = 0; depth <= names.length; depth++) {
    const directory = join(root, ...names.slice(0, depth));
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o755);
    await lchown(directory, ...owner);
  }
}
