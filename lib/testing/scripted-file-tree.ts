import { posix } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { SandboxError } from "../contract/errors.ts";
import type { FileEvent, FileInfo, FileMetadata } from "../contract/file.ts";
import type { FileEntry, FilePermissions } from "../engine/root-files.ts";
import { abortable } from "../std/abortable.ts";

interface Node {
  /** Absent for a directory. */
  content?: Uint8Array;
  mode: number;
  owner: string;
  group: string;
  metadata: FileMetadata;
  at: number;
}

type Change = Extract<FileEvent, { path: string }>["type"];

/** Files in memory, by absolute path. There are no links and nobody is refused. */
export class ScriptedFileTree {
  readonly #nodes = new Map<string, Node>();
  readonly #now: () => number;
  readonly #watchers = new Set<(type: Change, path: string) => void>();

  constructor(now: () => number) {
    this.#now = now;
    this.#nodes.set("/", this.#node({ mode: 0o755 }));
  }

  /** The content of each file, by path. */
  contents(): Map<string, Uint8Array> {
    const files = [...this.#nodes].flatMap(([path, { content }]) =>
      content ? [[path, content] as const] : [],
    );
    return new Map(files);
  }

  async write(
    { path, content, mode, owner, metadata }: FileEntry,
    sudo = false,
  ): Promise<FileInfo> {
    const bytes = await buffer(Readable.from(content, { objectMode: true }));
    this.makeAll(posix.dirname(path));
    const known = this.#nodes.get(path);
    if (known && !known.content) {
      throw new SandboxError("invalid_request", `"${path}" is a directory.`);
    }
    const user = (owner ?? (sudo ? "root" : "default")) === "root" ? "root" : "vercel-sandbox";
    const fresh = known ?? this.#node({ mode: 0o644, owner: user, group: user });
    this.#nodes.set(path, {
      ...fresh,
      content: bytes,
      at: this.#now(),
      ...(mode !== undefined && { mode }),
      ...(metadata && { metadata }),
    });
    this.#tell(known ? "write" : "create", path);
    return this.stat(path, { metadata: true });
  }

  read(path: string, { start = 0, end = Infinity }: { start?: number; end?: number } = {}) {
    const content = this.#nodes.get(path)?.content;
    if (!content) throw missing(path);
    const part = content.subarray(start, end + 1);
    return { size: content.byteLength, content: Readable.from([part], { objectMode: false }) };
  }

  makeAll(path: string, mode = 0o755): boolean {
    const known = this.#nodes.get(path);
    if (known?.content) throw new SandboxError("invalid_request", `"${path}" is no directory.`);
    if (known) return false;
    this.makeAll(posix.dirname(path));
    this.#nodes.set(path, this.#node({ mode }));
    this.#tell("create", path);
    return true;
  }

  make(path: string, mode = 0o755): void {
    if (this.#nodes.has(path)) {
      throw new SandboxError("invalid_request", `"${path}" exists already.`);
    }
    if (!this.#nodes.has(posix.dirname(path))) {
      throw new SandboxError("directory_not_found", `The parent of "${path}" is missing.`);
    }
    this.makeAll(path, mode);
  }

  stat(path: string, { metadata = false }: { metadata?: boolean } = {}): FileInfo {
    const node = this.#nodes.get(path);
    if (!node) throw missing(path);
    const ids = node.owner === "root" ? { uid: 0, gid: 0 } : { uid: 1_000, gid: 1_000 };
    return {
      name: posix.basename(path) || "/",
      path,
      type: node.content ? "file" : "directory",
      size: node.content?.byteLength ?? 4_096,
      mode: node.mode,
      owner: node.owner,
      group: node.group,
      ...ids,
      modifiedAt: node.at,
      accessedAt: node.at,
      changedAt: node.at,
      ...(metadata && Object.keys(node.metadata).length > 0 && { metadata: node.metadata }),
    };
  }

  list(path: string, { depth, metadata }: { depth: number; metadata?: boolean }): FileInfo[] {
    if (this.stat(path).type !== "directory") {
      throw new SandboxError("directory_not_found", `"${path}" is no directory.`);
    }
    return this.#below(path)
      .filter((one) => posix.relative(path, one).split("/").length <= depth)
      .map((one) => this.stat(one, metadata ? { metadata } : {}))
      .sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  move(source: string, destination: string): FileInfo {
    if (!this.#nodes.has(posix.dirname(destination))) {
      throw new SandboxError("directory_not_found", `The parent of "${destination}" is missing.`);
    }
    this.stat(source);
    for (const path of [source, ...this.#below(source)]) {
      const node = this.#nodes.get(path);
      this.#nodes.delete(path);
      if (node) this.#nodes.set(`${destination}${path.slice(source.length)}`, node);
    }
    this.#tell("rename", source);
    this.#tell("create", destination);
    return this.stat(destination);
  }

  remove(path: string, { recursive }: { recursive: boolean }): void {
    this.stat(path);
    const below = this.#below(path);
    if (below.length > 0 && !recursive) {
      throw new SandboxError("invalid_request", `"${path}" is a directory that is not empty.`);
    }
    for (const one of [...below, path]) {
      this.#nodes.delete(one);
      this.#tell("remove", one);
    }
  }

  setPermissions(path: string, { mode, owner, group }: FilePermissions): FileInfo {
    return this.#alter(path, {
      ...(mode !== undefined && { mode }),
      ...(owner !== undefined && { owner: String(owner) }),
      ...(group !== undefined && { group: String(group) }),
    });
  }

  setMetadata(path: string, metadata: FileMetadata): FileInfo {
    return this.#alter(path, { metadata });
  }

  async *watch(
    path: string,
    { recursive, signal }: { recursive: boolean; signal?: AbortSignal | undefined },
  ): AsyncGenerator<FileEvent, void, void> {
    if (this.stat(path).type !== "directory") {
      throw new SandboxError("directory_not_found", `"${path}" is no directory.`);
    }
    const waiting: FileEvent[] = [{ type: "ready" }];
    let changed = Promise.withResolvers<void>();
    const take = (type: Change, changedPath: string) => {
      const name = posix.relative(path, changedPath);
      if (name === "" || name.startsWith("..") || (!recursive && name.includes("/"))) return;
      waiting.push({ type, name, path: changedPath });
      changed.resolve();
      changed = Promise.withResolvers();
    };
    this.#watchers.add(take);
    try {
      while (true) {
        for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
        await abortable(changed.promise, signal);
      }
    } finally {
      this.#watchers.delete(take);
    }
  }

  #alter(path: string, part: Partial<Node>): FileInfo {
    const node = this.#nodes.get(path);
    if (!node) throw missing(path);
    this.#nodes.set(path, { ...node, ...part });
    this.#tell("chmod", path);
    return this.stat(path, { metadata: true });
  }

  #below(path: string): string[] {
    const start = path === "/" ? "/" : `${path}/`;
    return [...this.#nodes.keys()].filter((one) => one !== "/" && one.startsWith(start));
  }

  #node({ mode, owner = "vercel-sandbox", group = owner }: Partial<Node> & { mode: number }): Node {
    return { mode, owner, group, metadata: {}, at: this.#now() };
  }

  #tell(type: Change, path: string): void {
    for (const take of this.#watchers) take(type, path);
  }
}

function missing(path: string): SandboxError {
  return new SandboxError("file_not_found", `There is no file ${path}.`);
}
