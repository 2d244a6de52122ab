import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { SandboxError } from "../../contract/errors.ts";
import { mountOf, mustBeNoMount } from "./mount-point.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const STEP = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const onLinux = process.platform === "linux";
/** Descriptors are few on some machines, and a tree may be as deep as its maker wants. */
const MOST_OPEN = 64;

const NOWHERE = Buffer.from("/dev/null/nowhere");

interface Level {
  descriptor: number | undefined;
  /** Elsewhere than on Linux: where names are looked up. */
  path: Buffer;
  stats: Stats;
  mount?: string | undefined;
}

/**
 * A way down a tree that others change meanwhile, name by name from a directory that was verified, and back up. No
 * link is ever followed. A directory that was moved away while the way led through it ends the way: on the way back
 * another than it came from would be found.
 */
export class TreeDescent implements Disposable {
  readonly #levels: Level[];

  /** `start` is a verified host path, which stays valid as long as this lives. */
  constructor(start: string) {
    this.#levels = [
      { descriptor: undefined, path: Buffer.from(start), stats: statSync(`${start}/.`) },
    ];
  }

  /** How many steps it went down. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  /** Of the directory that it has come to. */
  get stats(): Stats {
    return this.#top.stats;
  }

  /** A host path of the name in it. */
  pathOf(name: Buffer): Buffer {
    return Buffer.concat([this.#here(), Buffer.from("/"), name]);
  }

  /** Throws EBUSY where another file system, or a part of one, hangs on the name. */
  mustBeNoMount(name: Buffer): void {
    const top = this.#top;
    top.mount ??= mountOf(this.pathOf(Buffer.from(".")));
    mustBeNoMount(this.pathOf(name), top.mount);
  }

  names(): Promise<Buffer[]> {
    return readdir(this.pathOf(Buffer.from(".")), { encoding: "buffer" });
  }

  /** Throws the system's error for what is no directory any more. */
  enter(name: Buffer): void {
    const path = this.pathOf(name);
    if (!onLinux) {
      this.#levels.push({ descriptor: undefined, path, stats: statSync(path) });
      return;
    }
    const descriptor = openSync(path, STEP);
    this.#levels.push({ descriptor, path, stats: fstatSync(descriptor) });
    const far = this.#levels[this.#levels.length - 1 - MOST_OPEN];
    if (far?.descriptor !== undefined) closeLevel(far);
  }

  leave(): void {
    const left = this.#levels.pop();
    if (left?.descriptor === undefined) return;
    const top = this.#top;
    try {
      if (top.descriptor !== undefined || this.depth === 0) return;
      // Until it is known where that is, no name may be looked up in it.
      top.path = NOWHERE;
      const above = openSync(`/proc/self/fd/${left.descriptor}/..`, STEP);
      const { dev, ino } = fstatSync(above);
      if (dev !== top.stats.dev || ino !== top.stats.ino) {
        closeSync(above);
        throw movedAway();
      }
      top.descriptor = above;
    } finally {
      closeLevel(left);
    }
  }

  [Symbol.dispose](): void {
    for (const level of this.#levels) closeLevel(level);
    this.#levels.length = 0;
  }

  get #top(): Level {
    return this.#levels.at(-1)!;
  }

  #here(): Buffer {
    const { descriptor, path } = this.#top;
    return descriptor === undefined ? path : Buffer.from(`/proc/self/fd/${descriptor}`);
  }
}

function closeLevel(level: Level): void {
  if (level.descriptor === undefined) return;
  closeSync(level.descriptor);
  level.descriptor = undefined;
}

function movedAway(): SandboxError {
  return new SandboxError(
    "invalid_request",
    "A directory was moved away while what is in it was worked on. Try again when nothing else changes the tree.",
  );
}
