import { createHash } from "node:crypto";
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { COMPILED } from "../std/compile-cache.ts";
import { randomText } from "../std/ids.ts";
import { filesOf, type InstalledPackage, installedPackages } from "./package-graph.ts";

const FOLDER = "programs";
const PACKAGE = "package";
/** Its time says when somebody last ran from the copy. */
const USED = "sandlot-in-use";
const NOTED_EVERY_MS = 12 * 60 * 60 * 1_000;
/** Whoever runs from a copy notes so more often by far, also where the machine sleeps a while. */
const UNUSED_AFTER_MS = 7 * 24 * 60 * 60 * 1_000;

/** The directory of the package that this file is part of. */
export function ownPackage(): string {
  return dirname(createRequire(import.meta.url).resolve("sandlot/package.json"));
}

/**
 * The directory of a copy of the package, in the state folder and with all that it imports, from which something may run
 * for long: it stays when the package is installed anew or deleted. Made if it is not there, and deleted when nobody has
 * run from it for a week. Throws what stood in the way.
 */
export function keptPackage(home: string, directory = ownPackage()): string {
  const packages = installedPackages(directory);
  const copies = join(home, FOLDER);
  const copy = join(copies, keyOf(packages));
  if (!noteUse(copy)) {
    const making = join(copies, `making-${randomText(12)}`);
    try {
      make(making, packages);
      place(making, copy);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
    clearOld(copies, copy);
  }
  return join(copy, placeOf(0));
}

/** Notes now and then that this process runs from a copy, if it does. Keeps no process alive. */
export function noteKeptPackage(directory = ownPackage()): void {
  const copy = dirname(dirname(directory));
  if (basename(directory) === PACKAGE && noteUse(copy))
    setInterval(() => noteUse(copy), NOTED_EVERY_MS).unref();
}

function noteUse(copy: string): boolean {
  try {
    const now = new Date();
    utimesSync(join(copy, USED), now, now);
    return true;
  } catch {
    return false; // It is not there, or no copy.
  }
}

/** What it imports comes from a registry: it is not changed without its `package.json`. */
function keyOf(packages: readonly InstalledPackage[]): string {
  const hash = createHash("sha256");
  for (const [index, { directory }] of packages.entries()) {
    hash.update(`\0${directory}\0`);
    for (const file of index === 0 ? filesOf(directory) : ["package.json"]) {
      const { size, mtimeMs, ino } = statSync(join(directory, file));
      hash.update(`${file}\0${size} ${mtimeMs} ${ino}\0`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

// Beside each package lie links to those that it imports, so that each has its own version of them.
const placeOf = (index: number) => join(String(index), PACKAGE);

function make(copy: string, packages: readonly InstalledPackage[]): void {
  for (const [index, { directory, imports }] of packages.entries()) {
    const target = join(copy, placeOf(index));
    const made = new Set<string>();
    for (const file of filesOf(directory)) {
      const to = join(target, file);
      const folder = dirname(to);
      if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o755 });
      made.add(folder);
      // The first may be built anew where it lies. Whoever installs the others anew makes other files.
      if (index === 0) copyFileSync(join(directory, file), to, constants.COPYFILE_FICLONE);
      else linkOrCopy(join(directory, file), to);
    }
    for (const [name, imported] of imports) {
      const link = join(copy, String(index), "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      const to = join(copy, placeOf(packages.indexOf(imported)));
      symlinkSync(relative(dirname(link), to), link, "dir");
    }
  }
  mkdirSync(join(copy, placeOf(0), COMPILED), { recursive: true });
  writeFileSync(join(copy, USED), "");
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another disk, or somebody else's file.
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  }
}

function place(made: string, copy: string): void {
  try {
    renameSync(made, copy);
  } catch (error) {
    // Another caller was quicker; its copy is as good.
    if (!noteUse(copy)) throw error;
  }
}

function clearOld(copies: string, current: string): void {
  for (const name of readdirSync(copies)) {
    const copy = join(copies, name);
    if (copy === current) continue;
    const used =
      statSync(join(copy, USED), { throwIfNoEntry: false }) ??
      statSync(copy, { throwIfNoEntry: false });
    if (used && Date.now() - used.mtimeMs > UNUSED_AFTER_MS)
      rmSync(copy, { recursive: true, force: true });
  }
}
