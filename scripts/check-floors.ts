import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { GUARDED_BUILTINS, LOADS_TRIGGER, READS_ENVIRONMENT, type Room, ROOMS } from "./floors.ts";
import { type Import, importsOf } from "./imports.ts";

/** What was looked at, and every line that breaks the table. */
export interface FloorReport {
  files: number;
  imports: number;
  violations: string[];
}

/** Holds every source file of the rooms below `root` against the table in `floors.ts`. */
export function checkFloors(root: string): FloorReport {
  const report: FloorReport = { files: 0, imports: 0, violations: [] };
  for (const room of ROOMS) {
    if (!existsSync(join(root, room.folder))) continue;
    const files = globSync("**/*.{ts,tsx}", { cwd: join(root, room.folder) });
    for (const name of files.map((file) => posix.join(room.folder, file.replaceAll("\\", "/")))) {
      if (roomOf(name) === room) checkFile(root, room, name, report);
    }
  }
  return report;
}

function checkFile(root: string, room: Room, file: string, report: FloorReport): void {
  const source = readFileSync(join(root, file), "utf8");
  report.files += 1;
  const isTest = /\.test\.tsx?$/.test(file);
  for (const found of importsOf(file, source)) {
    report.imports += 1;
    const problem = isTest
      ? problemOfTest(room, file, found)
      : (problemOfRelative(room, file, found) ?? problemOfPackage(room, file, found));
    if (problem) report.violations.push(`${file}:${found.line}: ${problem}`);
  }
  if (!isTest && room.folder.startsWith("lib/") && !READS_ENVIRONMENT.has(room.folder)) {
    const line = source.split("\n").findIndex((text) => /\bprocess\.env\b/.test(text));
    if (line >= 0) {
      report.violations.push(`${file}:${line + 1}: only lib/host may read process.env`);
    }
  }
}

/** A test may also use `testing`, the tools of its trade, and start what it tests; never a room above its own. */
function problemOfTest(room: Room, file: string, found: Import): string | undefined {
  const target = targetRoom(file, found);
  if (!target || target === room || target.folder === "lib/testing") return undefined;
  if (target.floor <= room.floor) return undefined;
  return `a test of ${room.folder} must not reach up to ${target.folder}`;
}

function problemOfRelative(room: Room, file: string, found: Import): string | undefined {
  if (!found.specifier.startsWith(".")) return undefined;
  const target = targetRoom(file, found);
  if (target === room || (target && room.rooms.includes(target.folder))) return undefined;
  const name = target?.folder ?? posix.join(posix.dirname(file), found.specifier);
  return `${room.folder} must not import ${name}`;
}

function problemOfPackage(room: Room, file: string, { specifier, dynamic }: Import): string | undefined {
  if (specifier.startsWith(".") || room.packages.includes("*")) return undefined;
  if (specifier.startsWith("@/")) return undefined; // The root's alias: its rooms are checked by name.
  if (specifier.startsWith("@trigger.dev/") && room.folder.startsWith("lib/")) {
    if (file === LOADS_TRIGGER && dynamic) return undefined;
    return `only ${LOADS_TRIGGER} may load Trigger.dev, by await import()`;
  }
  if (specifier.startsWith("node:") && !GUARDED_BUILTINS.has(specifier)) return undefined;
  const allowed = room.packages.some(
    (name) => specifier === name || specifier.startsWith(`${name}/`),
  );
  return allowed ? undefined : `${room.folder} must not import ${specifier}`;
}

function targetRoom(file: string, { specifier }: Import): Room | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return roomOf(posix.join(posix.dirname(file), specifier));
}

/** The innermost room that holds the file. */
function roomOf(file: string): Room | undefined {
  return ROOMS.filter(({ folder }) => file.startsWith(`${folder}/`)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

if (import.meta.main) {
  const { files, imports, violations } = checkFloors(process.cwd());
  for (const violation of violations) process.stdout.write(`${violation}\n`);
  process.stdout.write(`floors: ${files} files, ${imports} imports, ${violations.length} violations\n`);
  // A check that saw nothing has checked nothing.
  if (violations.length > 0 || files === 0 || imports === 0) process.exitCode = 1;
}
