import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { readdir } from "node:fs/promises";

/** A mark on this process that all which comes from it bears, whatever variables, sessions or namespaces it takes. */
export interface Brand {
  /** Processes that bear it and run: this one, and what came from it since. */
  processes(): { pid: number; command: string }[];
}

/**
 * Brands this process by a limit that nothing of ours sets: of the bytes in POSIX message queues. It is
 * handed down through fork and exec. Linux only, with prlimit(1).
 */
export function brand(): Brand {
  const limit = 819_200 - randomInt(1, 800_000);
  execFileSync("prlimit", [`--pid=${process.pid}`, `--msgqueue=${limit}:`]);
  const bears = (pid: string) =>
    new RegExp(`^Max msgqueue size +${limit} `, "m").test(read(`/proc/${pid}/limits`));
  return {
    processes: () =>
      numbered(readdirSync("/proc"))
        .filter(bears)
        .filter((pid) => !hasEnded(pid))
        .map((pid) => ({
          pid: Number(pid),
          command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " "),
        })),
  };
}

/** What is mounted on the host with the text in its place or its source. */
export function mountsWith(text: string): string[] {
  return read("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => line.includes(text));
}

/** The control groups with one of these names, wherever they are. */
export function controlGroups(names: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const visit = (directory: string) => {
    for (const name of groupsIn(directory)) {
      const path = join(directory, name);
      if (names.has(name)) found.push(path);
      else visit(path);
    }
  };
  if (existsSync("/sys/fs/cgroup")) visit("/sys/fs/cgroup");
  return found;
}

/** None where the group itself is gone: those of others come and go meanwhile. */
function groupsIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** The TCP ports on which a process listens, in its own network. */
export function listeningPorts(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`);
      } catch {
        return ""; // Closed meanwhile.
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((kind) =>
    read(`/proc/${pid}/net/${kind}`)
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, ...rest]) => state === "0A" && sockets.has(`socket:[${rest[5]}]`))
      .map(([, local]) => Number.parseInt(local?.split(":")[1] ?? "", 16)),
  );
}

/** What lies in the directories of the state folder in which things of sandboxes are kept. */
export async function leftovers(home: string): Promise<string[]> {
  const kept = [
    "roots",
    "snapshots",
    "drives",
    "temporary",
    "moving",
    "limits",
    "commands",
    "scratch",
  ];
  const found: string[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = join(directory, entry.name);
      if (kept.includes(entry.name)) {
        for (const name of await readdir(path)) found.push(join(path, name));
      } else if (directory === home || directory === join(home, "isolation")) await visit(path);
    }
  };
  await visit(home);
  return found;
}

/**
 * Without memory: it runs no more, and has closed its files and left its namespaces. It waits to be asked
 * about; or, as the first one of a namespace, until the others of it were, which whoever has them for
 * children does when it likes (a machine's pid 1 that looks every two seconds was seen). Others that
 * still run are listed themselves.
 */
function hasEnded(pid: string): boolean {
  const memory = read(`/proc/${pid}/statm`);
  return memory === "" || memory.startsWith("0 ");
}

function numbered(names: string[]): string[] {
  return names.filter((name) => /^\d+$/.test(name));
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return ""; // A process that has ended.
  }
}
