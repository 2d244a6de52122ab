import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { GUARDED_BUILTINS, LOADS_TRIGGER, READS_ENVIRONMENT, type Room, ROOMS } from "./floors.ts";
import { type Import, readSource } from "./imports.ts";

/** What was looked at, and every line that breaks the table. */
export interface FloorReport {
  files: number;
  imports: number;
  violations: string[];
  /** Rooms of the library in which no file was found: they moved, and the table did not. */
  unseen: string[];
}

const SOURCES = "{lib,app,ai,studio,trigger,components}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";
/** What was built or installed, and the starter that npm links before anything is built. */
const LEFT_OUT = /(^|\/)(dist|node_modules)\/|^lib\/bin\//;

/** Holds every source file below `root` against the table in `floors.ts`. */
export function checkFloors(root: string): FloorReport {
  const report: FloorReport = { files: 0, imports: 0, violations: [], unseen: [] };
  const seen = new Set<Room>();
  const found = globSync(SOURCES, { cwd: root }).map((file) => file.replaceAll("\\", "/"));
  for (const file of found.filter((name) => !LEFT_OUT.test(name)).sort()) {
    const room = roomOf(file);
    if (room) {
      seen.add(room);
      checkFile(root, room, file, report);
    } else {
      report.violations.push(`${file}:1: stands in no room of scripts/floors.ts`);
    }
  }
  const empty = ROOMS.filter((room) => isOfLibrary(room) && !seen.has(room));
  report.unseen.push(...empty.map(({ folder }) => folder));
  return report;
}

function checkFile(root: string, room: Room, file: string, report: FloorReport): void {
  const { imports, environmentLines } = readSource(file, readFileSync(join(root, file), "utf8"));
  report.files += 1;
  report.imports += imports.length;
  const isTest = /\.test\.tsx?$/.test(file);
  for (const each of imports) {
    const problem = isTest
      ? problemOfTest(room, file, each)
      : (problemOfPath(room, file, each) ?? problemOfPackage(room, file, each));
    if (problem) report.violations.push(`${file}:${each.line}: ${problem}`);
  }
  if (isTest || !isOfLibrary(room) || READS_ENVIRONMENT.has(room.folder)) return;
  for (const line of environmentLines) {
    report.violations.push(`${file}:${line}: ${room.folder} must not read process.env`);
  }
}

/** A test may also use `testing`, any package, and the rooms of its own floor and below. */
function problemOfTest(room: Room, file: string, each: Import): string | undefined {
  const path = pathOf(file, each);
  if (path === undefined) return undefined;
  const target = roomOf(path);
  if (!target) return `a test of ${room.folder} must not import ${path}`;
  if (target.folder === TESTING || target.floor <= room.floor) return undefined;
  return `a test of ${room.folder} must not reach up to ${target.folder}`;
}

function problemOfPath(room: Room, file: string, each: Import): string | undefined {
  const path = pathOf(file, each);
  if (path === undefined) return undefined;
  const target = roomOf(path);
  if (target === room || (target && room.rooms.includes(target.folder))) return undefined;
  return `${room.folder} must not import ${target?.folder ?? path}`;
}

function problemOfPackage(room: Room, file: string, each: Import): string | undefined {
  if (pathOf(file, each) !== undefined || room.packages.includes("*")) return undefined;
  // The root's alias for the library as built: the same as its name.
  const specifier = each.specifier.replace(/^@\/lib\//, "sandlot/");
  if (specifier.startsWith("@trigger.dev/") && isOfLibrary(room)) {
    if (file === LOADS_TRIGGER && each.dynamic) return undefined;
    return `only ${LOADS_TRIGGER} may load Trigger.dev, by await import()`;
  }
  if (specifier.startsWith("node:") && !GUARDED_BUILTINS.has(specifier)) return undefined;
  const allowed = room.packages.some(
    (name) => specifier === name || specifier.startsWith(`${name}/`),
  );
  return allowed ? undefined : `${room.folder} must not import ${specifier}`;
}

const TESTING = "lib/testing";

function isOfLibrary(room: Room): boolean {
  return room.folder.startsWith("lib/");
}

/** The file of this repository that is meant, from its root; undefined for a package. */
function pathOf(file: string, { specifier }: Import): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier);
  const fromRoot = specifier.startsWith("@/") && !specifier.startsWith("@/lib/");
  return fromRoot ? specifier.slice(2) : undefined;
}

/** The innermost room that holds the file. */
function roomOf(file: string): Room | undefined {
  return ROOMS.filter(({ folder }) => file.startsWith(`${folder}/`)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}
