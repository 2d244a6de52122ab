import { chmod, mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { DEFAULTS } from "../../../../contract/defaults.ts";
import type { SandboxUser } from "../../../../contract/sandbox-user.ts";
import type { StateFolders } from "../../state-folders.ts";
import type { IdMap } from "../machine/id-map.ts";
import type { Networks } from "../network/networks.ts";
import { makeEngineLayer } from "../system/engine-layer.ts";
import { ensureNodeLayer } from "../system/node-layer.ts";
import { ensureSystemLayer } from "../system/system-layer.ts";
import type { RaiseOptions } from "./raise-session.ts";

export interface BaseLayersOptions {
  folders: StateFolders;
  /** For what all engines of the user's share. */
  cacheDirectory: string;
  ids: IdMap;
  networks: Networks;
  /** Certificates (PEM) that this machine trusts besides the system's. */
  extraCertificates: string;
}

/** What all sandboxes of an engine stand on. */
export interface BaseLayers {
  /** For those whose default user is known first by that name. Relative to the engine's own directory, or absolute. */
  placesFor: (user: SandboxUser) => RaiseOptions["base"];
  /** Where the engine's Node is in the sandbox, if it is not in `/usr`. */
  nodeDirectory: string | undefined;
}

/** Below the engine's own directory. */
const ENGINE_LAYERS: Record<IdMap["kind"], string> = {
  single: "engine-layer",
  // Its owners are others: who has a single id could not change it.
  range: "engine-layer-of-range",
  subid: "engine-layer-of-range",
};

/** Makes what is not there yet, which takes seconds the first time on a machine. */
export async function makeBaseLayers(options: BaseLayersOptions): Promise<BaseLayers> {
  const { folders, cacheDirectory, ids, networks, extraCertificates } = options;
  const [system, node, authorityPem] = await Promise.all([
    ensureSystemLayer({ cacheDirectory, ids }),
    ensureNodeLayer({ cacheDirectory, ids }),
    networks.authorityPem(),
  ]);
  const own = ENGINE_LAYERS[ids.kind];
  const directory = join(folders.directory, own);
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o711);
  await makeEngineLayer({ directory, system, extraPem: authorityPem + extraCertificates, ids });
  // Commands see these paths in their list of mounts: no word of the user's home. The root of a range
  // cannot walk through closed directories, of which a system-wide cache has none.
  const seen = (layer: string) =>
    ids.kind === "single" ? relative(folders.directory, layer) : layer;
  const layers = [own, seen(system.directory), ...(node ? [seen(node.directory)] : [])];
  return {
    placesFor: (user) => ({
      root: [
        ...(user === DEFAULTS.user ? [] : [join(own, "users", user)]),
        ...layers.map((layer) => join(layer, "root")),
      ],
      usr: [join(seen(system.directory), "usr"), "/usr"],
    }),
    nodeDirectory: node?.programs,
  };
}
