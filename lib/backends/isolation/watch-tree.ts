import { closeSync, constants, type FSWatcher, lstatSync, openSync, watch } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LIMITS } from "../../contract/limits.ts";
import type { FileGuard } from "./file-tree-port.ts";
import {
  type ChangeType,
  changesOf,
  identityOf,
  isSame,
  type Notice,
  type Seen,
} from "./name-changes.ts";
import { systemCode } from "./process-faults.ts";
import {
  hostPath,
  look,
  movesIn,
  nameOf,
  namesIn,
  pathIn,
  type Watched,
} from "./watched-directory.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const onLinux = process.platform === "linux";
/** Only where the system gives no watch. */
const LOOK_EVERY_MS = 1_000;
const SLICE = 200;
const MOST_NOTICES = 64;

interface Notices {
  directory: Watched;
  name: string;
  notices: Notice[];
}

export interface TreeWatchOptions {
  /** A verified host path of the top, which is no link; valid only until the watch has begun. */
  start: string;
  recursive: boolean;
  /** An abort ends the beginning early; whoever asked disposes of the watch. */
  signal?: AbortSignal | undefined;
  guard: FileGuard | undefined;
  emit: (event: { type: ChangeType; name: string } | "dropped") => void;
}

/**
 * Tells what becomes of a directory's files, by the system's notices of each directory. What they leave open is
 * found out by looking: at names in directories that are held open, never at paths, and through no link.
 */
export class TreeWatch implements Disposable {
  readonly #options: TreeWatchOptions;
  readonly #directories = new Map<string, Watched>();
  readonly #polled = new Set<Watched>();
  #noticed = new Map<string, Notices>();
  #poll: NodeJS.Timeout | undefined;
  #looks = 0;
  #known = 0;
  #isPumping = false;
  #isClosed = false;

  constructor(options: TreeWatchOptions) {
    this.#options = options;
  }

  /** Resolves when whatever happens from then on is noticed. */
  async begin(): Promise<void> {
    this.#isPumping = true;
    try {
      await this.#scan(this.#open(this.#options.start, ""), { tells: false });
    } finally {
      this.#isPumping = false;
    }
    void this.#pump();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#poll);
    for (const directory of this.#directories.values()) directory.close();
    this.#directories.clear();
    this.#noticed.clear();
  }

  /** Watches first and looks afterwards, so that nothing falls between the two. */
  async #scan(directory: Watched, { tells }: { tells: boolean }): Promise<void> {
    const pending = [directory];
    for (let next = pending.pop(); next; next = pending.pop()) {
      for (const name of namesIn(next)) {
        if (++this.#looks % SLICE === 0) await nextTurn();
        // From then on its descriptor may be another's.
        if (this.#isClosed || this.#options.signal?.aborted) return;
        const found = look(next, name);
        if (!found || next.names.has(name)) continue;
        this.#remember(next, name, found);
        if (tells) this.#options.emit({ type: "create", name: nameOf(next, name) });
        const inner = found.isDirectory ? this.#enter(next, name) : undefined;
        if (inner) pending.push(inner);
      }
    }
  }

  #enter(parent: Watched, name: string): Watched | undefined {
    if (!this.#options.recursive) return undefined;
    if (this.#directories.size >= LIMITS.watchedDirectories) {
      this.#options.emit("dropped");
      return undefined;
    }
    try {
      const path = hostPath(parent, name);
      return this.#open(path, pathIn(parent, name));
    } catch (error) {
      // It is gone or something else already, or nothing that the user may look into.
      if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM"].includes(systemCode(error) ?? "")) {
        return undefined;
      }
      this.#options.emit("dropped");
      return undefined;
    }
  }

  #open(from: string | Buffer, relative: string): Watched {
    const descriptor = onLinux ? openSync(from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : undefined;
    const path = descriptor === undefined ? from.toString() : `/proc/self/fd/${descriptor}`;
    let watcher: FSWatcher | undefined;
    const close = () => {
      watcher?.close();
      if (descriptor !== undefined) closeSync(descriptor);
    };
    const directory: Watched = { relative, path, names: new Map(), close };
    try {
      const stats = lstatSync(`${path}/.`);
      this.#options.guard?.mustRead(stats);
      this.#options.guard?.mustSearch(stats);
      watcher = this.#watch(directory);
    } catch (error) {
      close();
      throw error;
    }
    this.#directories.set(relative, directory);
    return directory;
  }

  /** Undefined when the system gives no watch: then the directory is looked at again and again. */
  #watch(directory: Watched): FSWatcher | undefined {
    const options = { persistent: false, encoding: "buffer" } as const;
    try {
      const watcher = watch(directory.path, options, (notice, name) => {
        if (name) this.#notice(directory, name.toString("latin1"), notice);
      });
      watcher.on("error", () => this.#lookRegularly(directory));
      return watcher;
    } catch (error) {
      // Linux bounds the watches of a user (`fs.inotify.max_user_watches`), and an editor may hold them all.
      if (!["ENOSPC", "EMFILE", "ENFILE"].includes(systemCode(error) ?? "")) throw error;
      this.#lookRegularly(directory);
      return undefined;
    }
  }

  #lookRegularly(directory: Watched): void {
    this.#polled.add(directory);
    this.#poll ??= setInterval(() => {
      for (const one of this.#polled) this.#compare(one);
    }, LOOK_EVERY_MS).unref();
  }

  #compare(directory: Watched): void {
    const now = new Set(namesIn(directory));
    for (const name of new Set([...directory.names.keys(), ...now])) {
      const before = directory.names.get(name);
      const after = now.has(name) ? look(directory, name) : undefined;
      if (!before || !after || !isSame(before, after)) {
        if (before || after) this.#notice(directory, name, "rename");
      } else if (before.changedAt !== after.changedAt && !after.isDirectory) {
        this.#notice(directory, name, "change");
      }
    }
  }

  #notice(directory: Watched, name: string, notice: Notice): void {
    const key = `${directory.relative}/${name}`;
    const known = this.#noticed.get(key);
    if (known && known.directory === directory) add(known.notices, notice);
    else this.#noticed.set(key, { directory, name, notices: [notice] });
    void this.#pump();
  }

  /** One at a time: what comes meanwhile waits for the next round, together with its like. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      // All notices of one reading of the system's are there by then.
      await nextTurn();
      while (this.#noticed.size > 0 && !this.#isClosed) {
        const noticed = [...this.#noticed.values()];
        this.#noticed = new Map();
        await this.#settle(noticed);
      }
    } catch {
      // A directory that cannot be looked at any more; whoever reads is to look for himself.
      this.#options.emit("dropped");
    } finally {
      this.#isPumping = false;
    }
  }

  async #settle(noticed: Notices[]): Promise<void> {
    const changes = noticed
      .filter(({ directory }) => this.#isWatched(directory))
      .map((one) => ({
        ...one,
        before: one.directory.names.get(one.name),
        after: look(one.directory, one.name),
      }));
    const came = new Set(
      changes.flatMap(({ before, after }) =>
        after && !(before && isSame(before, after)) ? [identityOf(after)] : [],
      ),
    );
    const moves = movesIn(changes);
    const origins = new Map([...moves].map(([from, to]) => [to, this.#directories.get(from)]));
    for (const { directory, name, before, after, notices } of changes) {
      const isElsewhere = before !== undefined && came.has(identityOf(before));
      const types = changesOf({ before, after, notices, isElsewhere });
      for (const type of types) this.#options.emit({ type, name: nameOf(directory, name) });
      // It went with a change before: its descriptor may be another's by now.
      if (!this.#isWatched(directory)) continue;
      this.#remember(directory, name, after);
      if (before && after && isSame(before, after)) continue;
      const path = pathIn(directory, name);
      const isMoved = before !== undefined && moves.has(path);
      if (before?.isDirectory && !isMoved) this.#forget(path);
      if (after?.isDirectory) await this.#arrive(directory, name, origins.get(path));
    }
  }

  #isWatched(directory: Watched): boolean {
    return this.#directories.get(directory.relative) === directory;
  }

  /** A directory has come: from elsewhere in the tree with all that is known of it, or as news. */
  async #arrive(parent: Watched, name: string, moved: Watched | undefined): Promise<void> {
    // It, and not whatever has its old name by now.
    if (moved && this.#isWatched(moved)) {
      this.#rename(moved.relative, pathIn(parent, name));
      return;
    }
    const inner = this.#enter(parent, name);
    if (inner) await this.#scan(inner, { tells: true });
  }

  #remember(directory: Watched, name: string, found: Seen | undefined): void {
    const { names } = directory;
    const wasKnown = names.has(name);
    if (!found) {
      if (names.delete(name)) this.#known--;
    } else if (wasKnown || this.#known < LIMITS.listedFiles) {
      names.set(name, found);
      if (!wasKnown) this.#known++;
    } else {
      this.#options.emit("dropped");
    }
  }

  #forget(relative: string): void {
    for (const [key, directory] of this.#below(relative)) {
      directory.close();
      this.#known -= directory.names.size;
      this.#polled.delete(directory);
      this.#directories.delete(key);
    }
  }

  /** The system's watches are of the directories, whatever their names. */
  #rename(from: string, to: string): void {
    const moved = this.#below(from);
    for (const [key] of moved) this.#directories.delete(key);
    this.#forget(to);
    for (const [key, directory] of moved) {
      directory.relative = `${to}${key.slice(from.length)}`;
      this.#directories.set(directory.relative, directory);
    }
  }

  #below(relative: string): [string, Watched][] {
    return [...this.#directories].filter(
      ([key]) => key === relative || key.startsWith(`${relative}/`),
    );
  }
}

/** As many as tell what happened, whatever the pace. */
function add(notices: Notice[], notice: Notice): void {
  if (notice === "change" && notices.at(-1) === "change") return;
  // What comes and goes takes turns: two fewer end the same.
  if (notices.length >= MOST_NOTICES) notices.splice(0, 2);
  notices.push(notice);
}
