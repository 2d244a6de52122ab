import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SandboxError } from "../../../../contract/errors.ts";
import { membersOf } from "./make-group.ts";
import { directoriesOf, type SessionGroup } from "./session-group.ts";

/** Stops all that is counted in a session's groups, without a signal that anybody inside could see. */
export interface Freezer {
  /** Nobody runs when it returns. Throws `internal`, with nobody stopped, when somebody cannot be stopped in time. */
  freeze(): Promise<void>;
  /** Nothing to do is no error. */
  thaw(): void;
}

/** The kernel stops processes at the end of what it does for them, which may take as long as a disk. */
const FREEZE_LIMIT_MS = 10_000;
const LONGEST_PAUSE_MS = 20;
const LOOKS_UNTIL_ANEW = 20;

/** Undefined where the kernel has none. `separate` is the session's directory in the freezer's own hierarchy (version 1), made when needed. */
export function freezerOf(group: SessionGroup, separate: string | undefined): Freezer | undefined {
  if (group.version === 2) {
    const file = join(group.directory, "cgroup.freeze");
    return existsSync(file) ? unifiedFreezer(group.directory) : undefined;
  }
  return separate === undefined ? undefined : separateFreezer(group, separate);
}

function unifiedFreezer(directory: string): Freezer {
  const file = join(directory, "cgroup.freeze");
  const isFrozen = () => /^frozen 1$/m.test(readFileSync(join(directory, "cgroup.events"), "utf8"));
  const thaw = () => {
    if (existsSync(file)) writeFileSync(file, "0");
  };
  return {
    async freeze() {
      writeFileSync(file, "1");
      await until(isFrozen, thaw);
    },
    thaw,
  };
}

// Commands are not counted into this one from the start: to join it takes each of them the kernel's time.
function separateFreezer(group: SessionGroup, directory: string): Freezer {
  const file = join(directory, "freezer.state");
  const thaw = () => {
    if (existsSync(file)) writeFileSync(file, "THAWED");
  };
  let looks = 0;
  const isFrozen = () => {
    // What a process that is on its way in has started meanwhile is found at the next look.
    const inside = new Set(membersOf(directory));
    const outside = directoriesOf(group)
      .flatMap(membersOf)
      .filter((pid) => !inside.has(pid));
    for (const pid of outside) moveInto(directory, pid);
    if (outside.length === 0 && readFileSync(file, "utf8").trim() === "FROZEN") return true;
    // The kernel forgets some of those who come while it freezes: it has to be asked again, and now and then anew.
    looks += 1;
    if (looks % LOOKS_UNTIL_ANEW === 0) thaw();
    writeFileSync(file, "FROZEN");
    return false;
  };
  return {
    async freeze() {
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, "FROZEN");
      await until(isFrozen, thaw);
    },
    thaw,
  };
}

function moveInto(directory: string, pid: number): void {
  try {
    writeFileSync(join(directory, "cgroup.procs"), String(pid));
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

// Nobody is told when a group has come to rest.
async function until(isFrozen: () => boolean, undo: () => void): Promise<void> {
  const giveUpAt = performance.now() + FREEZE_LIMIT_MS;
  for (let pauseMs = 1; !isFrozen(); pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    if (performance.now() > giveUpAt) {
      undo();
      throw new SandboxError(
        "internal",
        `Some of the sandbox's processes could not be stopped within ${FREEZE_LIMIT_MS} ms; it was not paused.`,
      );
    }
    await delay(pauseMs);
  }
}
