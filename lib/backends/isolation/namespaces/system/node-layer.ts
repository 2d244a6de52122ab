import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, copyFile, lstat, mkdir, realpath, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { cachedLayer } from "./cached-layer.ts";

const run = promisify(execFile);

/** The engine's own Node for sandboxes, where the host's `/usr` does not have it. */
export interface NodeLayer {
  directory: string;
  /** Where its programs are in the sandbox, as the vendor's runtimes are. */
  programs: string;
}

/** npm's programs, and where they are in its package. */
const NPM_PROGRAMS = { npm: "bin/npm-cli.js", npx: "bin/npx-cli.js" };

/** Undefined when this process runs on a Node that every sandbox has from the system. Copies once per version. */
export async function ensureNodeLayer(options: {
  cacheDirectory: string;
  ids: IdMap;
}): Promise<NodeLayer | undefined> {
  const { cacheDirectory, ids } = options;
  const node = await realpath(process.execPath);
  if (node.startsWith("/usr/")) return undefined;
  const { mtimeMs, size } = await stat(node);
  const hash = createHash("sha256").update(JSON.stringify([node, mtimeMs, size, ids]));
  const place = `vercel/runtimes/node${process.versions.node.split(".")[0]}`;
  const directory = await cachedLayer({
    cacheDirectory,
    kind: "node",
    key: hash.digest("hex").slice(0, 16),
    make: (making) => make(making, { node, place, ids }),
  });
  return { directory, programs: `/${place}/bin` };
}

async function make(
  directory: string,
  { node, place, ids }: { node: string; place: string; ids: IdMap },
): Promise<void> {
  const root = join(directory, "root");
  const target = join(root, place);
  await mkdir(join(target, "bin"), { recursive: true });
  await copyFile(node, join(target, "bin", "node"));
  await chmod(join(target, "bin", "node"), 0o755);
  // A Node from its own archive has npm beside it; one from a package has the system's.
  const npm = join(dirname(dirname(node)), "lib/node_modules/npm");
  if (await lstat(npm).catch(() => undefined)) {
    const modules = join(target, "lib/node_modules");
    await mkdir(modules, { recursive: true });
    await run("cp", ["-rL", "--reflink=auto", npm, modules]);
    for (const [name, file] of Object.entries(NPM_PROGRAMS)) {
      await symlink(`../lib/node_modules/npm/${file}`, join(target, "bin", name));
    }
  }
  if (ids.kind !== "single") {
    await run("chown", ["-Rh", `${hostUid(ids, 0)}:${hostGid(ids, 0)}`, root]);
  }
  await chmod(directory, 0o755);
}
