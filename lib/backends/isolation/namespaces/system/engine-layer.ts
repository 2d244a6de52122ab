import { chmod, lchown, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomText } from "../../../../std/ids.ts";
import { DEFAULTS } from "../../../../contract/defaults.ts";
import { defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { resolvConf } from "../network/router/link-addresses.ts";
import type { SystemLayer } from "./system-layer.ts";

/** Where a system's programs find the certificates that they trust. */
const TRUSTED_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
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
    const draft = `${file}.${randomText(6)}`;
    await writeFile(draft, text);
    await chmod(draft, 0o644);
    await lchown(draft, ...owner);
    await rename(draft, file);
  }
  await makeDirectories(join(directory, "root"), DEFAULTS.cwd, owner);
  const { uid, gid } = defaultOwner(ids);
  for (const path of [DEFAULTS.home, DEFAULTS.cwd])
    await lchown(join(directory, "root", path), uid, gid);
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
