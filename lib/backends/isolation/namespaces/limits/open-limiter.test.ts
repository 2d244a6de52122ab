import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRunning } from "../../../../testing/is-running.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { findHierarchies, inspectControlGroups } from "../machine/control-groups.ts";
import type { Machine } from "../machine/machine.ts";
import type { SessionLimits } from "./limiter.ts";
import { openLimiter } from "./open-limiter.ts";
import { endedByMemory, startToldOfMemory } from "./out-of-memory.ts";

const cgroups = await inspectControlGroups();
const MACHINE: Pick<Machine, "cgroups" | "processLimit"> = {
  cgroups,
  processLimit: { offered: true },
};
const LACK = { offered: false, reason: "There are none.", advice: "sudo get some" } as const;
const REQUEST = { sessionId: "sbx_one", vcpus: 1, memoryMb: 64, processes: 50 };

const lacking = cgroups.offered ? undefined : cgroups.reason;
const because = (reason: string | undefined) =>
  reason === undefined ? "" : ` (skipped: ${reason})`;

describe.skipIf(lacking)(`with this machine's control groups${because(lacking)}`, () => {
  test("everything that comes from a shell that joined is counted in", async () => {
    await using session = await openSession();
    const { exitCode, stdout } = await session.run("sleep 0.01 & wait; cat /proc/$$/cgroup");
    expect(exitCode).toBe(0);
    const names = session.limits.joinFiles.map((file) => dirname(file).split("/").at(-1));
    expect(new Set(names)).toEqual(new Set([REQUEST.sessionId]));
    const joined = stdout.split("\n").filter((line) => line.endsWith(`/${REQUEST.sessionId}`));
    expect(joined.length).toBe(names.length);
    expect((await session.limits.usage()).cpuMs).toBeGreaterThan(0);
  });

  test("what takes more memory than there is is killed, and it is told from another kill", async () => {
    await using session = await openSession();
    const before = await session.limits.oomKills();
    // It keeps what may be the last line, which has no end.
    const hog = await session.run("head -c 200m /dev/zero | tail -n 1");
    const after = await session.limits.oomKills();
    expect(hog.exitCode).toBe(137);
    expect(endedByMemory({ exitCode: 137, before, after })).toBe(true);
    const { memoryBytes, memoryPeakBytes } = await session.limits.usage();
    expect(memoryPeakBytes).toBeGreaterThan(32 * 1024 * 1024);
    expect(memoryPeakBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(memoryBytes).toBeLessThan(memoryPeakBytes!);
    // Killed by somebody else; and ended well, whatever happened to others.
    expect((await session.run("kill -9 $$")).exitCode).toBe(137);
    const later = await session.limits.oomKills();
    expect(endedByMemory({ exitCode: 137, before: after, after: later })).toBe(false);
    expect(endedByMemory({ exitCode: 0, before, after })).toBe(false);
  });

  test("a command's exit tells of it, and only of its own", async () => {
    await using session = await openSession();
    const run = async (script: string) => {
      const { exited } = await startToldOfMemory(session.limits, async () => ({
        handle: null,
        exited: session.run(script).then(({ exitCode }) => ({ exitCode: exitCode ?? -1 })),
        findPid: async () => undefined,
        signal: async () => undefined,
      }));
      return exited;
    };
    const hog = "head -c 200m /dev/zero | tail -n 1";
    expect(await run(hog)).toEqual({ exitCode: 137, outOfMemory: true });
    expect(await run("kill -9 $$")).toEqual({ exitCode: 137 });
    expect(await run(`${hog} || exit 3`)).toEqual({ exitCode: 3 });
  });

  test("a bomb of processes is held, and ends with the session", async () => {
    await using session = await openSession();
    const bomb = session.start(
      "i=0; while [ $i -lt 300 ]; do i=$((i+1)); sleep 1000 >/dev/null 2>&1 & done; echo all",
    );
    const { stdout } = await outcome(bomb);
    expect(stdout).not.toContain("all");
    const pids = membersOf(session.limits);
    expect(pids.length).toBeGreaterThan(40);
    expect(pids.length).toBeLessThanOrEqual(50);
    await session.limits.remove();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(session.limits.joinFiles.filter((file) => existsSync(dirname(file)))).toEqual([]);
  });

  test("what never rests gets its share of processor time and no more", async () => {
    // So small a share would be had on any machine, however much else it does.
    await using session = await openSession({ vcpus: 0.2 });
    const began = performance.now();
    await session.run(
      "timeout 1 sh -c 'while :; do :; done' & timeout 1 sh -c 'while :; do :; done' & wait",
    );
    const wallMs = performance.now() - began;
    const { cpuMs = 0 } = await session.limits.usage();
    // One period more may have begun, on each processor.
    expect(cpuMs).toBeLessThanOrEqual(0.2 * wallMs + 100);
    expect(throttledOf(session.limits)).toBeGreaterThan(0);
  });

  test("the next engine finds the session, with what it has used", async () => {
    await using session = await openSession();
    await session.run(":");
    const again = await openLimiter({ machine: MACHINE, directory: session.directory }).adopt(
      REQUEST.sessionId,
    );
    expect(again?.joinFiles).toEqual(session.limits.joinFiles);
    expect(again?.shellLimits).toBe(session.limits.shellLimits);
    // What is in memory now changes by itself.
    const { cpuMs, memoryPeakBytes } = await session.limits.usage();
    expect(cpuMs).toBeGreaterThan(0);
    expect(await again?.usage()).toMatchObject({ cpuMs, memoryPeakBytes });
    await again?.remove();
    expect(await session.limiter.adopt(REQUEST.sessionId)).toBeUndefined();
  });

  test("a sweep ends what belongs to nobody, and leaves the known and other engines' alone", async () => {
    await using session = await openSession();
    await using other = await openSession();
    const { limiter } = session;
    const known = await limiter.open({ ...REQUEST, sessionId: "sbx_known" });
    const ended = once(session.start("sleep 1000"), "close");
    await joined(session.limits);
    const [orphan] = membersOf(session.limits);
    const engine = openLimiter({ machine: MACHINE, directory: session.directory });
    await engine.sweep(["sbx_known"]);
    await ended;
    expect(isRunning(orphan!)).toBe(false);
    expect(await limiter.adopt(REQUEST.sessionId)).toBeUndefined();
    expect(await limiter.adopt("sbx_known")).toBeDefined();
    expect(await other.limiter.adopt(REQUEST.sessionId)).toBeDefined();
    await known.remove();
    expect(await readdir(session.directory)).toEqual([]);
  });

  test("groups whose record is lost are swept, too", async () => {
    await using session = await openSession();
    await writeFile(join(session.directory, `${REQUEST.sessionId}.json`), "{");
    await session.limiter.sweep([]);
    expect(session.limits.joinFiles.filter((file) => existsSync(file))).toEqual([]);
  });

  test("nothing is left when the last session is gone", async () => {
    const session = await openSession();
    const parents = session.limits.joinFiles.map((file) => dirname(dirname(file)));
    expect(parents.every((each) => existsSync(each))).toBe(true);
    await session[Symbol.asyncDispose]();
    expect(parents.filter((each) => existsSync(each))).toEqual([]);
  });
});

const hierarchy = await hierarchyOfVersion2();
const unusable = hierarchy ? undefined : "no hierarchy of version 2 can be changed here";

describe.skipIf(unusable)(`with a real hierarchy of version 2${because(unusable)}`, () => {
  test("time is counted, and what is in the group ends all at once", async () => {
    await using directory = await temporaryDirectory();
    const groups = { version: 2, directory: hierarchy!, controllers: [], occupied: false } as const;
    const limiter = openLimiter({
      machine: { ...MACHINE, cgroups: { offered: true, groups: { ...groups, controllers: [] } } },
      directory: directory.path,
    });
    expect(limiter.feature).toMatchObject({ offered: false });
    const limits = await limiter.open(REQUEST);
    const child = start(limits, "sleep 1000 & sleep 1000");
    const ended = once(child, "close");
    await joined(limits);
    expect((await limits.usage()).cpuMs).toBeGreaterThanOrEqual(0);
    expect(await limits.oomKills()).toBe(0);
    await limits.remove();
    await ended;
    expect(child.signalCode).toBe("SIGKILL");
    expect(existsSync(dirname(limits.joinFiles[0]!))).toBe(false);
  });
});

test.skipIf(unusable)(
  `processes that stand where groups are to be go into one below${because(unusable)}`,
  async () => {
    await using directory = await temporaryDirectory();
    await using own = await ownGroup();
    const groups = {
      version: 2 as const,
      directory: own.directory,
      controllers: [],
      occupied: true,
    };
    const limiter = openLimiter({
      machine: { ...MACHINE, cgroups: { offered: true, groups } },
      directory: directory.path,
    });
    const limits = await limiter.open(REQUEST);
    const group = await readFile(`/proc/${own.member.pid}/cgroup`, "utf8");
    expect(group).toMatch(/^0::.*\/sandlot-test-\d+\/sandlot-engine$/m);
    expect(await readFile(join(own.directory, "cgroup.procs"), "utf8")).toBe("");
    await limits.remove();
    expect(own.member.exitCode).toBeNull();
  },
);

describe("with a stand-in for a hierarchy of version 2", () => {
  test("every limit is written where the kernel would take it", async () => {
    await using directory = await temporaryDirectory();
    const { limiter, top, place } = await standIn(directory.path);
    await writeFile(join(top, "cgroup.subtree_control"), "memory pids\n");
    // What a new group is given by the kernel.
    await mkdir(place, { recursive: true });
    await Promise.all(
      ["memory.swap.max", "cgroup.procs"].map((name) => writeFile(join(place, name), "")),
    );
    await limiter.open({ sessionId: "sbx_one", vcpus: 4, memoryMb: 8_192, processes: 8_192 });
    const read = async (name: string) => readFile(join(place, name), "utf8");
    expect(await read("memory.max")).toBe(String(8_192 * 1024 * 1024));
    expect(await read("memory.swap.max")).toBe("0");
    expect(await read("cpu.max")).toBe("400000 100000");
    expect(await read("pids.max")).toBe("8192");
    expect(limiter.feature).toEqual({ offered: true });
    // Only what was not handed down yet is asked for.
    expect(await readFile(join(top, "cgroup.subtree_control"), "utf8")).toBe("+cpu");
  });

  test("counts are read in the words of version 2", async () => {
    await using directory = await temporaryDirectory();
    const { limiter, place } = await standIn(directory.path);
    const limits = await limiter.open(REQUEST);
    const files = {
      "cpu.stat": "usage_usec 1234567\nuser_usec 1000000\n",
      "memory.current": "5000\n",
      "memory.peak": "9000\n",
      "memory.stat": "anon 1\ninactive_file 2000\n",
      "memory.events": "low 0\noom 3\noom_kill 2\noom_group_kill 0\n",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(place, name), text);
    expect(await limits.usage()).toEqual({
      cpuMs: 1_235,
      memoryBytes: 3_000,
      memoryCacheBytes: 2_000,
      memoryPeakBytes: 9_000,
    });
    expect(await limits.oomKills()).toBe(2);
  });

  test("a hierarchy that refuses its controllers is done without, and it is said why", async () => {
    await using directory = await temporaryDirectory();
    // No file of the kernel's is in it at all.
    const limiter = openLimiter({
      machine: unified(join(directory.path, "nothing")),
      directory: join(directory.path, "limits"),
    });
    const limits = await limiter.open(REQUEST);
    expect(limiter.feature).toEqual({
      offered: false,
      reason: expect.stringMatching(
        /^Not limited per sandbox: memory .* processor time\. The kernel refused/,
      ),
    });
    expect(limits.joinFiles).toEqual([]);
    expect(limits.shellLimits).toContain("ulimit -d");
  });
});

describe("without control groups", () => {
  test("what is not limited is said, and what would help", async () => {
    await using directory = await temporaryDirectory();
    const machine = { cgroups: LACK, processLimit: { offered: true } } as const;
    const limiter = openLimiter({ machine, directory: directory.path });
    expect(limiter.feature).toEqual({
      offered: false,
      reason:
        "Not limited per sandbox: memory (only that of each process), processor time. There are none. What would help: sudo get some",
    });
  });

  test("sessions are found, counted as nothing, and removed all the same", async () => {
    await using directory = await temporaryDirectory();
    const machine = { cgroups: LACK, processLimit: LACK };
    const limiter = openLimiter({ machine, directory: directory.path });
    const limits = await limiter.open(REQUEST);
    expect(limits.joinFiles).toEqual([]);
    expect(await limits.usage()).toEqual({});
    expect(await limits.oomKills()).toBe(0);
    expect((await limiter.adopt(REQUEST.sessionId))?.shellLimits).toBe(limits.shellLimits);
    await limits.remove();
    expect(await limiter.adopt(REQUEST.sessionId)).toBeUndefined();
    expect(await readdir(directory.path)).toEqual([]);
  });
});

interface OpenSession extends AsyncDisposable {
  directory: string;
  limiter: ReturnType<typeof openLimiter>;
  limits: SessionLimits;
  start(script: string): ChildProcess;
  run(script: string): Promise<{ exitCode: number | null; stdout: string }>;
}

async function openSession(other: Partial<typeof REQUEST> = {}): Promise<OpenSession> {
  const directory = await temporaryDirectory();
  const limiter = openLimiter({ machine: MACHINE, directory: directory.path });
  const limits = await limiter.open({ ...REQUEST, ...other });
  return {
    directory: directory.path,
    limiter,
    limits,
    start: (script) => start(limits, script),
    run: (script) => outcome(start(limits, script)),
    async [Symbol.asyncDispose]() {
      await limits.remove();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** As sessions do it: a shell that has joined becomes the command. */
function start({ joinFiles, shellLimits }: SessionLimits, script: string): ChildProcess {
  const join_ = joinFiles.map((file) => `echo 0 >'${file}' || exit 99`);
  const line = [shellLimits, ...join_, 'exec sh -c "$1"'].join("; ");
  return spawn("/bin/sh", ["-c", line, "sh", script], { stdio: ["ignore", "pipe", "ignore"] });
}

async function outcome(child: ChildProcess): Promise<{ exitCode: number | null; stdout: string }> {
  let stdout = "";
  child.stdout!.on("data", (data: Buffer) => (stdout += data.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { exitCode: signal === "SIGKILL" ? 137 : code, stdout };
}

function membersOf({ joinFiles }: SessionLimits): number[] {
  const text = readFileSync(joinFiles.at(-1)!, "utf8");
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** When a first process is in all groups. */
async function joined(limits: SessionLimits): Promise<void> {
  await expect.poll(() => membersOf(limits).length, { interval: 5 }).toBeGreaterThan(0);
}

function throttledOf({ joinFiles }: SessionLimits): number {
  const texts = joinFiles.flatMap((file) => {
    const stat = join(dirname(file), "cpu.stat");
    return existsSync(stat) ? [readFileSync(stat, "utf8")] : [];
  });
  return Number(/^nr_throttled (\d+)$/m.exec(texts.join("\n"))?.[1] ?? 0);
}

function unified(directory: string): typeof MACHINE {
  const controllers = ["memory" as const, "cpu" as const, "pids" as const];
  const groups = { version: 2 as const, directory, controllers, occupied: false };
  return { cgroups: { offered: true, groups }, processLimit: { offered: true } };
}

/** A directory that has the files of a hierarchy. Those of new groups, which the kernel would make, are made beforehand. */
async function standIn(home: string) {
  const [top, directory] = [join(home, "cgroup"), join(home, "limits")];
  await mkdir(top);
  await writeFile(join(top, "cgroup.subtree_control"), "\n");
  const limiter = openLimiter({ machine: unified(top), directory });
  // It cannot hand down what is not there, but shows by what name it would.
  await openLimiter({ machine: unified(top), directory }).open({
    ...REQUEST,
    sessionId: "sbx_zero",
  });
  const entries = await readdir(top, { withFileTypes: true });
  const parent = join(top, entries.find((entry) => entry.isDirectory())?.name ?? "");
  const handedDown = "memory cpu pids\n";
  for (const each of [top, parent])
    await writeFile(join(each, "cgroup.subtree_control"), handedDown);
  return { limiter, top, place: join(parent, REQUEST.sessionId) };
}

/** A group of version 2 with a process in it, which goes with all that is in it. */
async function ownGroup() {
  const directory = join(hierarchy!, `sandlot-test-${process.pid}`);
  await mkdir(directory);
  const script = 'echo 0 >"$1/cgroup.procs" && echo in && read -r _';
  const member = spawn("sh", ["-c", script, "sh", directory]);
  await once(member.stdout, "data");
  return {
    directory,
    member,
    async [Symbol.asyncDispose]() {
      const ended = once(member, "close");
      await writeFile(join(directory, "cgroup.kill"), "1");
      await ended;
      const below = await readdir(directory, { recursive: true, withFileTypes: true });
      const groups = below.filter((entry) => entry.isDirectory());
      for (const { parentPath, name } of groups.toReversed()) await rmdir(join(parentPath, name));
      await rmdir(directory);
    },
  };
}

async function hierarchyOfVersion2(): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined;
  const texts = ["/proc/self/mountinfo", "/proc/self/cgroup"].map((file) => readFile(file, "utf8"));
  const [mountinfo = "", membership = ""] = await Promise.all(texts);
  const found = findHierarchies(mountinfo, membership).find(({ version }) => version === 2);
  const trial = found && join(found.own, `sandlot-test-${process.pid}`);
  if (!trial) return undefined;
  try {
    await mkdir(trial);
    await rmdir(trial);
    return found.own;
  } catch {
    return undefined; // Not ours to change.
  }
}
