import { posix } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { SandboxError } from "../contract/errors.ts";
import type { Terminals } from "../engine/engine.ts";
import type { Files } from "../engine/file-words.ts";
import type { Terminal } from "../engine/ports.ts";
import { TerminalKeeper } from "../engine/terminal-keeper.ts";
import { ManualClock } from "./manual-clock.ts";
import type { ScriptedState } from "./scripted-state.ts";

/** Files that are kept in memory, by session and path. */
export function scriptedFiles(state: ScriptedState): Files {
  const key = (sessionId: string, path: string, cwd = "/vercel/sandbox") =>
    `${sessionId}:${posix.resolve(cwd, path)}`;
  return {
    async writeArchive(sessionId, archive, { directory }) {
      state.running(sessionId);
      const entries = archive.pipe(createGunzip()).pipe(extract());
      for await (const entry of entries) {
        const content = await buffer(entry);
        state.files.set(key(sessionId, entry.header.name, directory), content);
      }
    },
    async read(sessionId, { path, cwd }) {
      state.running(sessionId);
      const content = state.files.get(key(sessionId, path, cwd));
      if (!content) throw new SandboxError("file_not_found", `There is no file ${path}.`);
      return { size: content.byteLength, content: Readable.from([content], { objectMode: false }) };
    },
    async makeDirectory(sessionId, { path, cwd, recursive }) {
      state.running(sessionId);
      const whole = key(sessionId, path, cwd);
      if (!recursive && posix.dirname(whole).split("/").length > 3) {
        throw new SandboxError("directory_not_found", `The parent of ${path} is missing.`);
      }
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
        pid: 1_000 + opened.length,
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
    open: (sessionId, { id: _id, ...spec }) => terminals.open(sessionId, spec),
    directoryOf: (sessionId, cwd = "") => posix.resolve(state.session(sessionId).cwd, cwd),
    clock: new ManualClock(),
  });
  return Object.assign(keeper, terminals);
}
