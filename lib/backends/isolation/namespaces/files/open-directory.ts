import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { SandboxError } from "../../../../contract/errors.ts";
import { notFound } from "../../confined-path.ts";
import { systemCode } from "../../process-faults.ts";
import { normalise } from "../../process/path-map.ts";

// Linux's, which Node does not name: the directory is only stepped through, not read.
const O_PATH = 0o10000000;
const STEP = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
// As Linux bounds it.
const MOST_LINKS = 40;

/** What a path goes through is a file. */
export class NotADirectory extends Error {
  override readonly name = "NotADirectory";
}

/** Whether the default user may step through a directory. */
export type MaySearch = (stats: Stats) => boolean;

/**
 * A path on its way through a sandbox's tree, one open directory after the other:
 * each name is looked up in the directory that is open, and no link is ever
 * followed by the system. Whatever a command does meanwhile, the walk stays below
 * the root that it began at; what leads above the root ends there, as for any process.
 */
export class TreeWalk implements Disposable {
  readonly #root: number;
  readonly #maySearch: MaySearch;
  readonly #asked: string;
  readonly #open: { name: string; fd: number }[] = [];
  #pending: string[];
  #links = 0;

  /** `root` stays open; all that is opened on the way is closed again. */
  constructor(root: number, { path, maySearch }: { path: string; maySearch: MaySearch }) {
    if (path.includes("\0")) {
      throw new SandboxError("invalid_request", "A path cannot hold a NUL character.");
    }
    this.#root = root;
    this.#maySearch = maySearch;
    this.#asked = path;
    this.#pending = partsOf(normalise(path));
  }

  /** The directory that the walk has come to. */
  get directory(): string {
    return `/proc/self/fd/${this.#open.at(-1)?.fd ?? this.#root}`;
  }

  /** Its path in the sandbox, which goes through no link. */
  get path(): string {
    return `/${this.#open.map(({ name }) => name).join("/")}`;
  }

  /**
   * Goes on until the path ends, or something is missing: then that name is returned, and the walk can be
   * gone on with once it was made.
   */
  toDirectory(): string | undefined {
    for (let name = this.#pending.shift(); name !== undefined; name = this.#pending.shift()) {
      if (name === "..") this.#climb();
      else if (this.#step(name) === "missing") return name;
    }
    return undefined;
  }

  /** Puts a name that was missing back in front. */
  again(name: string): void {
    this.#pending.unshift(name);
  }

  /** Whether anything of the path is left. */
  get isAtEnd(): boolean {
    return this.#pending.length === 0;
  }

  /**
   * Goes to what the whole path names, through links also at its end (unless `follow` is false): leaves the
   * walk at the directory that holds it. The name is "." for the root.
   */
  toEntry({ follow = true } = {}): { name: string; stats: Stats | undefined } {
    while (true) {
      const last = this.#pending.pop();
      if (last === undefined) return { name: ".", stats: lstatSync(this.directory + "/.") };
      const missing = this.toDirectory();
      if (missing !== undefined) throw notFound(this.#asked);
      if (last === "..") {
        this.#climb();
        if (this.#open.length === 0) continue;
        this.#pending.push(this.#leave());
        continue;
      }
      this.#mustSearch();
      const stats = lstat(`${this.directory}/${last}`);
      if (!follow || !stats?.isSymbolicLink()) return { name: last, stats };
      this.#follow(readlinkSync(`${this.directory}/${last}`));
    }
  }

  /** The directory's descriptor, which from now on is the caller's to close. */
  take(): number {
    const last = this.#open.pop();
    return last?.fd ?? openSync(`/proc/self/fd/${this.#root}/.`, STEP);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#open) closeSync(fd);
    this.#open.length = 0;
  }

  #step(name: string): "there" | "missing" {
    this.#mustSearch();
    const at = `${this.directory}/${name}`;
    try {
      this.#open.push({ name, fd: openSync(at, STEP) });
      return "there";
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT") return "missing";
      if (code !== "ENOTDIR" && code !== "ELOOP") throw error;
      if (!lstat(at)?.isSymbolicLink()) throw new NotADirectory(this.#asked);
      this.#follow(readlinkSync(at));
      return "there";
    }
  }

  #mustSearch(): void {
    const at = this.#open.at(-1);
    if (!at || this.#maySearch(fstatSync(at.fd))) return;
    throw Object.assign(new Error("permission denied"), { code: "EACCES" });
  }

  #climb(): void {
    const left = this.#open.pop();
    if (left) closeSync(left.fd);
  }

  #leave(): string {
    const { name, fd } = this.#open.pop()!;
    closeSync(fd);
    return name;
  }

  #follow(target: string): void {
    this.#links += 1;
    if (this.#links > MOST_LINKS) {
      throw new SandboxError(
        "invalid_request",
        `"${this.#asked}" goes through more than ${MOST_LINKS} symbolic links, or round in a circle.`,
      );
    }
    if (target.startsWith("/")) while (this.#open.length > 0) this.#leave();
    this.#pending.unshift(...partsOf(target));
  }
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function lstat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
