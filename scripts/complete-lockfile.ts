import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";

const Package = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lockfile = z.looseObject({ packages: z.record(z.string(), Package) });
type Lockfile = z.output<typeof Lockfile>;

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "openbsd",
  "netbsd",
  "openharmony",
  "sunos",
  "win32",
];
const PROCESSORS: Record<string, string> = { armv7: "arm", arm: "arm" };

/**
 * Adds what npm left out: packages with binaries for other systems that the
 * registry in use does not serve. npm skips them when it writes the lockfile, and
 * then `npm ci` calls the lockfile incomplete. Each gets the version that its
 * parent names, and the system and processor that its own name tells, so that npm
 * passes over it on this one.
 */
export function completeLockfile(lockfile: Lockfile): { lockfile: Lockfile; added: string[] } {
  const packages = { ...lockfile.packages };
  const added: string[] = [];
  // Outer ones first: what a nested package needs is looked for outside of it, too.
  const byDepth = Object.entries(lockfile.packages).sort(([a], [b]) => a.length - b.length);
  for (const [location, parent] of byDepth) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      const outer = packages[`node_modules/${name}`];
      if (!platform || !/^\d/.test(version) || outer?.version === version) continue;
      const folder = location.slice(0, location.lastIndexOf("node_modules/"));
      const place = `${folder}node_modules/${name}`;
      if (packages[place]) continue;
      packages[place] = { version, ...platform, ...(parent.dev && { dev: true }), optional: true };
      added.push(`${name}@${version}`);
    }
  }
  const sorted = Object.fromEntries(
    Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return { lockfile: { ...lockfile, packages: sorted }, added };
}

/** `binding-linux-arm64-musl` → linux, arm64, musl. Undefined for a name that tells no system and is no WebAssembly. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } | undefined {
  const words = name.split(/[/-]/);
  if (words.includes("wasm32")) return { cpu: ["wasm32"] };
  const os = SYSTEMS.find((system) => words.includes(system));
  if (!os) return undefined;
  const processor = words[words.indexOf(os) + 1];
  const libc = words.includes("musl") ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  return {
    ...(processor !== undefined && { cpu: [PROCESSORS[processor] ?? processor] }),
    ...(libc !== undefined && { libc: [libc] }),
    os: [os],
  };
}

if (import.meta.main) {
  const file = "package-lock.json";
  const { lockfile, added } = completeLockfile(
    Lockfile.parse(JSON.parse(readFileSync(file, "utf8"))),
  );
  writeFileSync(file, `${JSON.stringify(lockfile, undefined, 2)}\n`);
  process.stdout.write(`${file}: ${added.length} packages for other systems added\n`);
}
