import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { FileEntry } from "../engine/root-files.ts";
import type { Isolation, PrepareRequest, Process, ProcessSpec, Root } from "../engine/ports.ts";
import { Cleanup } from "../std/cleanup.ts";
import { newId } from "../std/ids.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { prepareRequest } from "./prepare-request.ts";

/** Makes the backend under test over a directory of the test's own. */
export type MakeIsolation = (directory: string) => Isolation;

export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

type StartOptions = Partial<Omit<ProcessSpec, "cmd" | "args">>;

/**
 * One isolation backend with a directory of its own, and short ways to use it.
 * Disposing of it ends whatever still runs and deletes everything.
 */
export class IsolationBench implements AsyncDisposable {
  readonly isolation: Isolation;
  readonly directory: string;
  readonly #cleanup = new Cleanup();

  static async make(makeIsolation: MakeIsolation): Promise<IsolationBench> {
    const directory = await temporaryDirectory();
    const bench = new IsolationBench(
      makeIsolation(join(directory.path, "isolation")),
      directory.path,
    );
    bench.#cleanup.add(() => directory[Symbol.asyncDispose]());
    return bench;
  }

  /** Another bench over the same backend: what it makes ends with it, the backend with this one. */
  async share(): Promise<IsolationBench> {
    const directory = join(this.directory, newId("bench"));
    await mkdir(directory);
    return new IsolationBench(this.isolation, directory);
  }

  private constructor(isolation: Isolation, directory: string) {
    this.isolation = isolation;
    this.directory = directory;
  }

  /** A root that is halted at the test's end, whatever the test did with it. */
  async prepare(
    request: Partial<PrepareRequest> = {},
    options: { signal?: AbortSignal } = {},
  ): Promise<Root> {
    const root = await this.isolation.prepare(prepareRequest(request), options);
    this.#cleanup.add(() => root.halt({ graceMs: 0 }));
    return root;
  }

  /** Undone at the end, the last first. */
  onEnd(step: () => void | PromiseLike<void>): void {
    this.#cleanup.add(step);
  }

  async start(
    root: Root,
    [cmd = "true", ...args]: string[],
    options: StartOptions = {},
  ): Promise<Process & { directory: string }> {
    const commandId = newId("cmd");
    const directory = options.directory ?? join(this.directory, "commands", commandId);
    await mkdir(directory, { recursive: true });
    const process = await root.start({
      commandId,
      cmd,
      args,
      env: {},
      cwd: "/vercel/sandbox",
      sudo: false,
      stdin: false,
      directory,
      ...options,
    });
    return Object.assign(process, { directory });
  }

  /** Runs a command to its end. */
  async run(root: Root, argv: string[], options: StartOptions = {}): Promise<Ran> {
    const process = await this.start(root, argv, options);
    const { exitCode } = await process.exited;
    return { exitCode, ...(await outputOf(process.directory)) };
  }

  /** Runs a shell line to its end. */
  sh(root: Root, line: string, options: StartOptions = {}): Promise<Ran> {
    return this.run(root, ["sh", "-c", line], options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }
}

async function outputOf(directory: string): Promise<{ stdout: string; stderr: string }> {
  return {
    stdout: await readFile(join(directory, "stdout"), "utf8"),
    stderr: await readFile(join(directory, "stderr"), "utf8"),
  };
}

/** Waits until the command's stdout begins with the text, and gives all of it. */
export async function untilOutput(directory: string, text: string): Promise<string> {
  const file = join(directory, "stdout");
  const changes = watch(directory);
  try {
    while (true) {
      // Before the look: what is written while it is looked at must not be missed.
      const changed = once(changes, "change");
      const seen = await readFile(file, "utf8");
      if (seen.startsWith(text)) return seen;
      await changed;
    }
  } finally {
    changes.close();
  }
}

export function fileEntry(path: string, content: string | Uint8Array, mode?: number): FileEntry {
  const bytes = Buffer.from(content);
  return {
    path,
    size: bytes.length,
    content: Readable.from([bytes]),
    ...(mode !== undefined && { mode }),
  };
}

export async function writeFiles(root: Root, ...entries: FileEntry[]): Promise<void> {
  await root.files.write(Readable.from(entries));
}

export async function readBytes(root: Root, path: string): Promise<Buffer> {
  const { content, size } = await root.files.read(path);
  const bytes = await buffer(content);
  if (bytes.length !== size) throw new Error(`${size} bytes were announced, ${bytes.length} came`);
  return bytes;
}

export async function readText(root: Root, path: string): Promise<string> {
  return (await readBytes(root, path)).toString("utf8");
}

/** A command's directory as the engine makes it ahead of time. */
export async function makeEngineFiles(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  for (const name of ["stdout", "stderr", "index", "exit"]) {
    await writeFile(join(directory, name), "", { mode: 0o600 });
  }
}
