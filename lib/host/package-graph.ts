import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as z from "zod";

const Names = z.record(z.string(), z.unknown()).default({});
const PackageFile = z.object({
  dependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});

/** A package as it is installed, and those that it imports, by the names that it knows them by. */
export interface InstalledPackage {
  directory: string;
  imports: Map<string, InstalledPackage>;
}

/**
 * The package in the directory and all that it needs to run, each once, that package first. What is optional and not
 * installed is left out; whatever else is missing is for whoever imports it to find out.
 */
export function installedPackages(directory: string): InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (at: string, isFirst = false): InstalledPackage => {
    const real = realpathSync(at);
    const known = found.get(real);
    if (known) return known;
    const each: InstalledPackage = { directory: real, imports: new Map() };
    found.set(real, each);
    const file = PackageFile.parse(JSON.parse(readFileSync(join(real, "package.json"), "utf8")));
    // What the first one expects its users to have is for them, not for what runs in the background.
    const peers = isFirst ? {} : file.peerDependencies;
    const names = { ...peers, ...file.optionalDependencies, ...file.dependencies };
    const places = createRequire(join(real, "package.json")).resolve;
    for (const name of Object.keys(names)) {
      const place = (places.paths(name) ?? [])
        .map((folder) => join(folder, name))
        .find((one) => statSync(join(one, "package.json"), { throwIfNoEntry: false }));
      if (place !== undefined) each.imports.set(name, visit(place));
    }
    return each;
  };
  visit(directory, true);
  return [...found.values()];
}

/** Types, maps, sources and pages: nothing that runs. */
const NEVER_RUN = /\.(?:[cm]?tsx?|map|md|markdown)$/;

/** The files of a package that may be run or read by what runs, relative to it, in an order that is always the same. */
export function filesOf(directory: string): string[] {
  const files: string[] = [];
  const visit = (folder: string) => {
    const inFull = (each: Dirent) => (folder === "" ? each.name : `${folder}/${each.name}`);
    for (const each of readdirSync(join(directory, folder), { withFileTypes: true })) {
      if (each.isDirectory()) {
        if (each.name !== "node_modules") visit(inFull(each));
      } else if (each.isFile() && !NEVER_RUN.test(each.name)) files.push(inFull(each));
    }
  };
  visit("");
  return files.toSorted();
}
