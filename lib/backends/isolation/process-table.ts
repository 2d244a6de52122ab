import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** One process of the machine, as far as its place in the tree goes. Zombies are left out: they run no more. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** With the pid, this names the process for good: pids are used again. Opaque; on Linux a number that grows. */
  startTime: string;
  /** Processor time of its own and of the children that it waited for. */
  cpuMs: number;
  /** By a signal, until it is continued. */
  isStopped: boolean;
  /** Held by whoever traces it, as a debugger does, and by no signal. Not told elsewhere than on Linux. */
  isHeld: boolean;
  /** In the kernel's hands: no signal is taken before that is over. */
  isUninterruptible: boolean;
}

// What `getconf CLK_TCK` says on every Linux that Node runs on: the kernel's ABI fixes it.
const LINUX_TICK_MS = 10;

/**
 * Every process of the machine, the newest first, each looked into when its turn comes: one that has ended by then
 * has no entry. Synchronous: what is looked at must not move meanwhile, and only other processes do.
 */
export function* eachProcess(): Generator<{ pid: number; entry: ProcessEntry | undefined }> {
  if (process.platform === "linux") {
    const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
    const last = lastPid();
    // Numbers that are above the last one were given out before they began anew.
    const age = (pid: number) => last - pid + (pid > last ? PIDS : 0);
    for (const pid of pids.sort((one, other) => age(one) - age(other))) {
      yield { pid, entry: readLinuxEntry(pid) };
    }
  } else {
    const entries = readPosixTable().sort((one, other) => other.pid - one.pid);
    for (const entry of entries) yield { pid: entry.pid, entry };
  }
}

/** As many as Linux can have. */
const PIDS = 2 ** 22;

/** The number that was given out last; of what cannot be read, that which all others are below. */
function lastPid(): number {
  try {
    return Number(readFileSync("/proc/loadavg", "latin1").trim().split(" ").at(-1)) || PIDS;
  } catch {
    return PIDS; // No Linux of the usual kind.
  }
}

/** One process, or undefined when it is gone (or a zombie). */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (process.platform === "linux") return readLinuxEntry(pid);
  return readPosixTable().find((entry) => entry.pid === pid);
}

function readLinuxEntry(pid: number): ProcessEntry | undefined {
  const stat = readProcFile(pid, "stat")?.toString("latin1");
  if (!stat) return undefined;
  // The second field is the program's name in parentheses and may hold anything, also ")".
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  if (state === undefined || "ZXx".includes(state)) return undefined;
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: fields[19] ?? "",
    cpuMs: ticks * LINUX_TICK_MS,
    isStopped: state === "T",
    isHeld: state === "t",
    isUninterruptible: state === "D",
  };
}

/** Memory that a process holds, shared or not; undefined when it is gone, or where the kernel does not tell. */
export function residentBytesOf(pid: number): number | undefined {
  const status = readProcFile(pid, "status")?.toString("latin1");
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? "");
  return found ? Number(found[1]) * 1_024 : undefined;
}

/** The children of a process that run or wait to be waited for. Empty also where the kernel does not tell. */
export function childrenOf(pid: number): number[] {
  const children = readProcFile(pid, `task/${pid}/children`)?.toString("latin1").trim();
  return children ? children.split(" ").map(Number) : [];
}

// One for all: a fresh one per file, as `readFileSync` takes, makes a look at all processes twice as slow.
let buffer = Buffer.allocUnsafe(64 * 1024);

/** A file of `/proc/<pid>`; undefined when the process is gone or is not ours to look at. */
export function readProcFile(pid: number, name: string): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/${name}`, "r");
    let length = 0;
    for (let more = -1; more !== 0; length += more) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], length * 2);
      more = readSync(file, buffer, length, buffer.length - length, null);
    }
    return Buffer.from(buffer.subarray(0, length));
  } catch {
    // ENOENT or ESRCH: it ended. EACCES or EPERM: it is somebody else's.
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

// Without /proc there is `ps`, which every POSIX system has. Its start time is good to a second.
function readPosixTable(): ProcessEntry[] {
  if (process.platform === "win32") return [];
  const text = execFileSync(
    "/bin/ps",
    ["-A", "-o", "pid=,ppid=,pgid=,sess=,state=,time=,lstart="],
    {
      encoding: "utf8",
      env: { LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  return text.split("\n").flatMap(parsePosixLine);
}

function parsePosixLine(line: string): ProcessEntry[] {
  const [pid, parent, group, session, state, time, ...started] = line.trim().split(/\s+/);
  if (pid === undefined || time === undefined || state?.startsWith("Z")) return [];
  return [
    {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: Number.parseInt(session ?? "", 16) || 0,
      startTime: started.join(" "),
      cpuMs: parsePosixTime(time),
      isStopped: state?.startsWith("T") ?? false,
      isHeld: false,
      isUninterruptible: /^[DU]/.test(state ?? ""),
    },
  ];
}

// [[dd-]hh:]mm:ss[.cc]
function parsePosixTime(time: string): number {
  const [clock = "", days = "0"] = time.split("-").toReversed();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1_000;
}
