import { lstatSync } from "node:fs";
import { posix } from "node:path";
import { SandboxError } from "../../contract/errors.ts";
import type { FileEvent } from "../../contract/file.ts";
import { LIMITS } from "../../contract/limits.ts";
import { watchDirectory } from "../../engine/watch-directory.ts";
import { abortable } from "../../std/abortable.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { fileFault } from "./file-fault.ts";
import type { FileTree } from "./file-tree-port.ts";
import { findEntry } from "./find-entry.ts";
import { TreeWatch } from "./watch-tree.ts";

export interface WatchOptions {
  recursive: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Tells what becomes of the files in a directory, or in all below it, beginning with `ready`. Ends when the directory is gone or has
 * another name. A reader that is slow loses events, and is told so. An abort lets go of everything at once.
 */
export async function* watchFiles(
  tree: FileTree,
  path: string,
  { recursive, signal }: WatchOptions,
): AsyncGenerator<FileEvent, void, void> {
  signal?.throwIfAborted();
  const top = tree.toSandbox(path);
  const events = new EventQueue(top);
  await using held = new Cleanup();
  const letGo = () => void held[Symbol.asyncDispose]();
  try {
    await hold(tree, { path, recursive, signal, events, held });
    signal?.throwIfAborted();
    // Not before: what is taken hold of after it had let go would stay.
    signal?.addEventListener("abort", letGo, { once: true });
    yield { type: "ready" };
    yield* events.read(signal);
  } catch (error) {
    throw fileFault(error, path);
  } finally {
    signal?.removeEventListener("abort", letGo);
  }
}

interface HoldOptions extends WatchOptions {
  path: string;
  events: EventQueue;
  held: Cleanup;
}

async function hold(
  tree: FileTree,
  { path, recursive, signal, events, held }: HoldOptions,
): Promise<void> {
  const directories = tree.openDirectories();
  held.add(() => directories[Symbol.asyncDispose]());
  const entry = await findEntry(tree, directories, { path, follow: true });
  const found = lstatSync(entry.hostPath);
  if (!found.isDirectory()) {
    throw new SandboxError("directory_not_found", `"${path}" is no directory in the sandbox.`);
  }
  const start = await directories.at(entry.path, { make: false });
  const watch = new TreeWatch({
    start: `${start}/.`,
    recursive,
    signal,
    guard: tree.guard,
    emit: (event) => (event === "dropped" ? events.drop() : events.add(event)),
  });
  held.add(() => watch[Symbol.dispose]());
  // A directory that is held open tells nothing of its own end: the one that it is in does.
  if (entry.name !== ".") {
    const isThere = () => lstatSync(entry.hostPath, { throwIfNoEntry: false })?.ino === found.ino;
    const above = watchDirectory(entry.directory, () => {
      if (!isThere()) events.end();
    });
    held.add(() => above[Symbol.dispose]());
  }
  await watch.begin();
}

/** Events that wait for their reader, no more than so many. */
class EventQueue {
  readonly #top: string;
  #waiting: FileEvent[] = [];
  #isEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor(top: string) {
    this.#top = top;
  }

  add({
    type,
    name,
  }: {
    type: "create" | "write" | "remove" | "rename" | "chmod";
    name: string;
  }): void {
    if (this.#waiting.length >= LIMITS.fileEvents) this.drop();
    else this.#put({ type, name, path: posix.join(this.#top, name) });
  }

  drop(): void {
    if (this.#waiting.at(-1)?.type !== "dropped") this.#put({ type: "dropped" });
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  async *read(signal?: AbortSignal): AsyncGenerator<FileEvent, void, void> {
    while (true) {
      const changed = this.#changed.promise;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const event of waiting) {
        signal?.throwIfAborted();
        yield event;
      }
      if (this.#waiting.length > 0) continue;
      if (this.#isEnded) return;
      await abortable(changed, signal);
    }
  }

  #put(event: FileEvent): void {
    this.#waiting.push(event);
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
