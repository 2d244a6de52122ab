import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Root } from "../../engine/ports.ts";
import { childrenOf } from "../../backends/isolation/process-table.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { newId } from "../../std/ids.ts";
import { type IsolationBench, untilOutput } from "../isolation-bench.ts";
import type { Attempt, Stage } from "./attempt.ts";
import { NEIGHBOUR } from "./neighbour-program.ts";
import { Outside } from "./outside.ts";
import { firstProcessOf, processesOf } from "./try-attempt.ts";

const run = promisify(execFile);

/** A program of an attempt's while it runs. */
export interface RunningProgram {
  /** Holds `stdout` and `stderr`. */
  directory: string;
  ended: Promise<unknown>;
  /** Host pids of all that runs inside. */
  pids(): number[];
}

export type OpenStage = Stage &
  AsyncDisposable & { start(program: string, as: Attempt["as"]): Promise<RunningProgram> };

/** A sandbox and an outside of its own for one attempt. */
export async function openSandboxStage(
  { neighbour = false }: Pick<Attempt, "neighbour">,
  {
    bench,
    networkPolicy = { mode: "allow-all" },
    naiveFiles = false,
  }: { bench: IsolationBench; networkPolicy?: NetworkPolicy; naiveFiles?: boolean },
): Promise<OpenStage> {
  const cleanup = new Cleanup();
  try {
    const outside = await Outside.make();
    cleanup.add(() => outside[Symbol.asyncDispose]());
    const sessionId = newId("sbx");
    const root = await bench.prepare({ sessionId, networkPolicy });
    const sandbox = { bench, root, sessionId };
    cleanup.add(async () => {
      await sandbox.root.halt({ graceMs: 0 });
      await sandbox.root.remove();
    });
    if (neighbour) {
      const other = await startNeighbour(bench, outside);
      cleanup.add(() => other[Symbol.asyncDispose]());
      outside.tell(other.variables);
    }
    const isRootThere = bench.isolation.name === "namespaces";
    const start = (program: string, as: Attempt["as"]) =>
      bench.start(sandbox.root, ["sh", "-c", program], {
        env: { ...outside.variables },
        sudo: as === "root" && isRootThere,
      });
    const stage: OpenStage = {
      outside,
      sandbox,
      files: naiveFiles ? await filesByName(bench, root) : root.files,
      get init() {
        return firstProcessOf(sandbox.sessionId);
      },
      async start(program, as) {
        const { directory, exited } = await start(program, as);
        return { directory, ended: exited, pids: () => processesOf(sandbox.sessionId) };
      },
      async sh(line, { as = "default-user" } = {}) {
        const { directory, exited } = await start(line, as);
        await exited;
        return (
          (await readFile(join(directory, "stdout"), "utf8")) +
          (await readFile(join(directory, "stderr"), "utf8"))
        );
      },
      onHost: async (program, ...args) => (await run(program!, args)).stdout,
      async resume() {
        try {
          await sandbox.root.halt({ graceMs: 0 });
          const snapshotId = newId("snap");
          await sandbox.root.capture(snapshotId);
          const resumedId = newId("sbx");
          sandbox.root = await bench.prepare({ sessionId: resumedId, snapshotId, networkPolicy });
          sandbox.sessionId = resumedId;
          stage.files = sandbox.root.files;
          return "";
        } catch (error) {
          return error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error);
        }
      },
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
    return stage;
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

/** The files as an engine would have them that takes a sandbox's paths for its own. */
async function filesByName(bench: IsolationBench, root: Root): Promise<Stage["files"]> {
  const { stdout } = await bench.sh(root, "pwd -P");
  const at = (path: string) => join(stdout.trim(), relative("/vercel/sandbox", path));
  return {
    async read(path) {
      const content = await readFile(at(path));
      return { size: content.length, content: Readable.from([content]) };
    },
    async write(entries) {
      for await (const { path, content } of entries) {
        await mkdir(join(at(path), ".."), { recursive: true });
        await writeFile(at(path), await buffer(content));
      }
      return [];
    },
    async makeDirectory(path) {
      await mkdir(at(path), { recursive: true });
      return { created: true };
    },
  };
}

async function startNeighbour(
  bench: IsolationBench,
  { secret }: Outside,
): Promise<AsyncDisposable & { variables: Record<string, string> }> {
  const sessionId = newId("sbx");
  const root = await bench.prepare({ sessionId });
  const abstract = `neighbour-${sessionId}`;
  const { directory } = await bench.start(root, ["node", "-e", NEIGHBOUR], {
    env: { OF_THE_NEIGHBOUR: secret, ABSTRACT: abstract },
  });
  const port = /listening (\d+)/.exec(await untilOutput(directory, "listening"))?.[1] ?? "";
  const pid = processesOf(sessionId).find((each) =>
    readFileSync(`/proc/${each}/cmdline`, "latin1").startsWith("node\0"),
  );
  const init = firstProcessOf(sessionId);
  const enter = init === undefined ? [] : ["nsenter", "--target", String(init), "--net"];
  const line = [...enter, "ip", "-o", "-4", "address", "show", "scope", "global"];
  const shown =
    init === undefined || process.getuid?.() !== 0
      ? ""
      : (await run(line[0]!, line.slice(1))).stdout;
  return {
    variables: {
      NEIGHBOUR: String(pid),
      NEIGHBOUR_PORT: port,
      NEIGHBOUR_ABSTRACT: abstract,
      NEIGHBOUR_ADDRESS: /inet (\d+\.\d+\.\d+\.\d+)/.exec(shown)?.[1] ?? "127.0.0.1",
    },
    async [Symbol.asyncDispose]() {
      await root.halt({ graceMs: 0 });
      await root.remove();
    },
  };
}

/** Namespaces in which everything is as outside, and what happens stays. Only root can make them. */
export async function openBoxStage(): Promise<OpenStage> {
  const cleanup = new Cleanup();
  try {
    const namespaces = ["--mount", "--pid", "--ipc", "--uts", "--net", "--cgroup"];
    const options = ["--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
    const holder = spawn(
      "unshare",
      [...namespaces, ...options, "sh", "-c", "ip link set lo up; echo up; exec sleep 600"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    cleanup.add(() => void holder.kill("SIGKILL"));
    await once(holder.stdout, "data");
    const [init] = childrenOf(holder.pid!);
    const enter = ["nsenter", "--target", String(init), "--all", "--"];
    const outside = await Outside.make({ enter });
    cleanup.add(() => outside[Symbol.asyncDispose]());
    const start = (program: string) => {
      const directory = join(outside.directory, newId("cmd"));
      mkdirSync(directory);
      const [stdout, stderr] = ["stdout", "stderr"].map((name) =>
        openSync(join(directory, name), "a"),
      );
      const child = spawn(enter[0]!, [...enter.slice(1), "sh", "-c", program], {
        cwd: directory,
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...outside.variables },
        stdio: ["ignore", stdout!, stderr!],
      });
      for (const descriptor of [stdout!, stderr!]) closeSync(descriptor);
      return {
        directory,
        ended: once(child, "exit"),
        pids: () => [child.pid!, ...childrenOf(child.pid!)],
      };
    };
    return {
      outside,
      files: NO_FILES,
      init: 1, // For those in the box.
      start: async (program) => start(program),
      async sh(line) {
        const { directory, ended } = start(line);
        await ended;
        return readFile(join(directory, "stdout"), "utf8");
      },
      onHost: async (...argv) => (await run(enter[0]!, [...enter.slice(1), ...argv])).stdout,
      resume: () => Promise.reject(new Error("a box is not resumed")),
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

const refused = () => Promise.reject(new Error("a box has no files of its own"));
const NO_FILES: Stage["files"] = { read: refused, write: refused, makeDirectory: refused };
