import { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { Exit, Terminal } from "../../engine/ports.ts";
import { findInsidePid } from "./inside-pid.ts";
import { findTree, killTree, signalTree } from "./process-tree.ts";

export interface PseudoTerminalOptions {
  /** What is started on it. */
  program: { file: string; args: string[]; cwd: string; env: Record<string, string> };
  /** What bears these marks ends with the terminal. */
  marks: { sessionId: string; commandId: string };
  /** The name by which programs look up what it can do. */
  name: string;
  columns: number;
  rows: number;
  /** How the program is found by the first process's pid; by default it is the first itself. */
  wayTo?: (pid: number) => WayToProgram;
}

/** What one look at a terminal's processes found. */
export interface WayToProgram {
  /** Processes that are none of the program's but lead to it. */
  way: number[];
  /** Undefined until it is there. */
  program?: number | undefined;
}

// The library drops what is unread 200 ms after the program's end: the reader's backlog has to be here by then.
const BACKLOG_BYTES = 1024 * 1024;

/** Throws `unsupported` where the machine has no pseudo-terminals for Node. */
export async function openPseudoTerminal(options: PseudoTerminalOptions): Promise<Terminal> {
  const { program, marks, name, columns, rows, wayTo = isProgram } = options;
  const { spawn } = await loadNodePty();
  const terminal = spawn(program.file, program.args, {
    name,
    cols: columns,
    rows,
    cwd: program.cwd,
    env: program.env,
    encoding: null,
  });
  const output = new Readable({
    highWaterMark: BACKLOG_BYTES,
    read: () => terminal.resume(),
  });
  terminal.onData((data: string | Buffer) => {
    // A reader that is slow slows the program down, as a real terminal would.
    if (!output.push(data)) terminal.pause();
  });
  let ended = false;
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  terminal.onExit(({ exitCode, signal }) => {
    ended = true;
    output.push(null);
    resolve({ exitCode: signal ? 128 + signal : exitCode });
  });
  return {
    output,
    exited,
    write(data) {
      // It hands on to a socket whatever it is given; only its types know of text alone.
      const bytes: unknown = Buffer.from(data);
      if (!ended) terminal.write(bytes as string);
    },
    findPid() {
      return findInsidePid(
        () => wayTo(terminal.pid).program,
        () => ended,
      );
    },
    signal(signal) {
      if (!ended) signalTree({ ...marks, recorders: new Set(wayTo(terminal.pid).way) }, signal);
    },
    resize(size) {
      if (!ended) terminal.resize(size.columns, size.rows);
    },
    async [Symbol.asyncDispose]() {
      await killTree({ ...marks, recorders: new Set() });
      if (!ended) terminal.kill("SIGKILL"); // Without marks (macOS) the tree's own root is left.
      output.resume(); // The exit is reported only when everything was read.
      // What is frozen ends once it goes on, and not before.
      if (ended || findTree({ ...marks, recorders: new Set() }).length === 0) await exited;
    },
  };
}

function isProgram(pid: number): WayToProgram {
  return { way: [], program: pid };
}

/** What a terminal is when its program was not told. */
export const TERMINAL_NAME = "xterm-256color";

async function loadNodePty() {
  try {
    return await import("@lydell/node-pty");
  } catch (error) {
    throw new SandboxError(
      "unsupported",
      "Interactive terminals need the package @lydell/node-pty, which has no build for this machine.",
      { cause: error },
    );
  }
}
