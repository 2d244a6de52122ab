import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

// The CLI's watchdog looks once a second whether the CLI is still there.
const LOOK_MS = 50;
const WATCHDOG_MS = 15_000;

/** What a CLI keeps in the project's folder while it runs, for a branch or for none. */
export interface CliFiles {
  projectDirectory: string;
  branch?: string | undefined;
}

/** The process that the CLI has left to watch over it, while there is one. */
export function watchdogPid(files: CliFiles): number | undefined {
  const file = join(files.projectDirectory, ".trigger", `watchdog${suffix(files)}.pid`);
  if (!existsSync(file)) return undefined;
  const pid = Number(/^trigger-watchdog:(\d+)$/.exec(readFileSync(file, "utf8"))?.[1]);
  return Number.isSafeInteger(pid) ? pid : undefined;
}

/**
 * Ends what a CLI leaves behind that was ended itself: its watchdog, and the files of its branch. Call it when the
 * CLI has exited.
 */
export async function endLeftovers(files: CliFiles, watchdog: number | undefined): Promise<void> {
  if (watchdog !== undefined) await endProcess(watchdog);
  if (files.branch === undefined) return;
  const folder = join(files.projectDirectory, ".trigger");
  const name = suffix(files);
  for (const left of [`tmp${name}`, `active-runs${name}.json`, `watchdog${name}.pid`]) {
    rmSync(join(folder, left), { recursive: true, force: true });
  }
}

async function endProcess(pid: number): Promise<void> {
  signal(pid, "SIGTERM");
  // It is no child of ours, so there is no event of its end to wait for.
  for (let waited = 0; signal(pid, 0); waited += LOOK_MS) {
    if (waited >= WATCHDOG_MS) signal(pid, "SIGKILL");
    await pause(LOOK_MS);
  }
}

/** Whether the process was there. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** As the CLI names what belongs to a branch. */
function suffix({ branch }: CliFiles): string {
  if (branch === undefined) return "";
  const name = branch.replaceAll(/[^a-zA-Z0-9-_]/g, "-");
  return `-${name}-${createHash("sha1").update(branch).digest("hex").slice(0, 8)}`;
}
