import { posix } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { SandboxError } from "../contract/errors.ts";
import type { Terminals } from "../engine/engine.ts";
import type { Files } from "../engine/file-words.ts";
import type { Terminal } from "../engine/ports.ts";
import { TerminalKeeper } from "../engine/terminals/terminal-keeper.ts";
import { ManualClock } from "./manual-clock.ts";
import type { ScriptedState } from "./scripted-state.ts";

/** Files that are kept in memory, by session and path. */
export function scriptedFiles(state: ScriptedState): Files {
  const reach = (sessionId: string, path: string, cwd = ".") => {
    const session = state.running(sessionId);
    return { tree: state.tree(sessionId), path: posix.resolve(session.cwd, cwd, path) };
  };
  return {
    async writeArchive(sessionId, archive, { directory }) {
      const entries = archive.pipe(createGunzip()).pipe(extract());
      for await (const entry of entries) {
        const { tree, path } = reach(sessionId, entry.header.name, directory);
        await tree.write({ path, content: Readable.from(entry) });
      }
    },
    async write(sessionId, files, { cwd, sudo } = {}) {
      const infos = [];
      for await (const file of files) {
        const { tree, path } = reach(sessionId, file.path, cwd);
        infos.push(await tree.write({ ...file, path }, sudo));
      }
      return infos;
    },
    async read(sessionId, { path, cwd, ...range }) {
      const at = reach(sessionId, path, cwd);
      return at.tree.read(at.path, range);
    },
    async makeDirectory(sessionId, { path, cwd, recursive, mode }) {
      const at = reach(sessionId, path, cwd);
      if (recursive) return { created: at.tree.makeAll(at.path, mode) };
      at.tree.make(at.path, mode);
      return { created: true };
    },
    async stat(sessionId, { path, cwd, ...options }) {
      const at = reach(sessionId, path, cwd);
      return at.tree.stat(at.path, options);
    },
    async list(sessionId, { path, cwd, depth = 1, metadata = false }) {
      const at = reach(sessionId, path, cwd);
      return at.tree.list(at.path, { depth, metadata });
    },
    async move(sessionId, { source, destination, cwd }) {
      const { tree, path } = reach(sessionId, source, cwd);
      return tree.move(path, reach(sessionId, destination, cwd).path);
    },
    async remove(sessionId, { path, cwd, recursive = true }) {
      const at = reach(sessionId, path, cwd);
      at.tree.remove(at.path, { recursive });
    },
    async setPermissions(sessionId, { path, cwd, ...permissions }) {
      const at = reach(sessionId, path, cwd);
      return at.tree.setPermissions(at.path, permissions);
    },
    async setMetadata(sessionId, { path, cwd, metadata }) {
      const at = reach(sessionId, path, cwd);
      return at.tree.setMetadata(at.path, metadata);
    },
    async *watch(sessionId, { path, cwd, recursive = false }, { signal } = {}) {
      const at = reach(sessionId, path, cwd);
      yield* at.tree.watch(at.path, { recursive, signal });
    },
  };
}

/** A terminal that gives back what it is sent, and ends at a line that says so: `exit 3`. */
export interface ScriptedTerminal extends Terminal {
  readonly spec: Parameters<Terminals["open"]>[1];
  readonly sizes: { columns: number; rows: number }[];
  disposed: boolean;
}

export function scriptedTerminals(
  state: ScriptedState,
): Terminals & AsyncDisposable & { opened: ScriptedTerminal[] } {
  const opened: ScriptedTerminal[] = [];
  const terminals = {
    opened,
    async open(sessionId: string, spec: Parameters<Terminals["open"]>[1]): Promise<Terminal> {
      state.running(sessionId);
      if (spec.cmd === "missing") {
        throw new SandboxError("executable_not_found", "There is no program missing.");
      }
      const output = new PassThrough();
      const exited = Promise.withResolvers<{ exitCode: number }>();
      const end = (exitCode: number) => {
        exited.resolve({ exitCode });
        if (!output.writableEnded) output.end();
      };
      const pid = 1_000 + opened.length;
      const terminal: ScriptedTerminal = {
        spec,
        sizes: [],
        disposed: false,
        output,
        exited: exited.promise,
        write: (data) => {
          const text = Buffer.from(data).toString("utf8");
          const code = /^exit (\d+)$/m.exec(text)?.[1];
          if (!output.writableEnded) output.write(text);
          if (code !== undefined) end(Number(code));
        },
        findPid: async () => pid,
        signal: (signal) => end(128 + signal),
        resize: (size) => void terminal.sizes.push(size),
        async [Symbol.asyncDispose]() {
          terminal.disposed = true;
          end(129);
        },
      };
      opened.push(terminal);
      return terminal;
    },
  };
  const keeper = new TerminalKeeper({
    open: (sessionId, { id: _id, cwd, ...spec }) =>
      terminals.open(sessionId, { ...spec, ...(cwd !== undefined && { cwd }) }),
    enter: async (sessionId) => void state.running(sessionId),
    inUse: () => ({ [Symbol.dispose]() {} }),
    isFrozen: () => false,
    directoryOf: (sessionId, cwd = "") => posix.resolve(state.session(sessionId).cwd, cwd),
    clock: new ManualClock(),
  });
  return Object.assign(keeper, terminals);
}
