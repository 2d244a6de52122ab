import type { StdioOptions } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const FIRST_OF_OTHERS = 3;
/** As /proc/<pid>/fdinfo writes a descriptor that no program started from here gets. */
const CLOSE_ON_EXEC = 0o2000000;

let found: readonly number[] | undefined;

/**
 * Descriptors that this process was started with and that whatever it starts would get, too: Node opens
 * none such itself. Empty where the system does not tell. Looked up once.
 */
function inheritedDescriptors(): readonly number[] {
  found ??= lookUp();
  return found;
}

/** For `spawn`: with nothing in the place of what would be handed on besides. */
export function sealed(stdio: readonly StdioEntry[]): StdioEntry[] {
  const last = Math.max(stdio.length - 1, ...inheritedDescriptors());
  return Array.from({ length: last + 1 }, (_, index) => stdio[index] ?? "ignore");
}

type StdioEntry = Exclude<StdioOptions, string>[number];

function lookUp(): number[] {
  if (process.platform !== "linux") return [];
  try {
    return readdirSync("/proc/self/fd").map(Number).filter(isHandedOn);
  } catch {
    return []; // A system without /proc.
  }
}

function isHandedOn(descriptor: number): boolean {
  if (descriptor < FIRST_OF_OTHERS) return false;
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
    const flags = Number.parseInt(/^flags:\s*(\d+)$/m.exec(info)?.[1] ?? "", 8);
    return (flags & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // That of the directory that was just read.
  }
}
