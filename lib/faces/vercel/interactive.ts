import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Terminal } from "../../engine/ports.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

/** What is used of a WebSocket: the object of the package `ws` has it. */
interface InteractiveSocket {
  send(
    data: string | Uint8Array,
    options: { binary: boolean },
    sent: (error?: Error | null) => void,
  ): void;
  close(code: number, reason?: string): void;
  on(
    event: "message",
    listener: (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => void,
  ): unknown;
  on(event: "close" | "error", listener: () => void): unknown;
}

// Clients whose own output is no terminal leave the size out.
const Size = z.object({
  cols: z.int().min(1).max(10_000).default(80),
  rows: z.int().min(1).max(10_000).default(24),
});

// Read loosely: a newer client may say more than is known here.
const Start = Size.extend({
  type: z.literal("start"),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.array(z.string().regex(/^[^=\0]+=/)).default([]),
  cwd: z.string().min(1).max(LIMITS.pathLength).optional(),
});

const Resize = Size.extend({ type: z.literal("resize") });

// What a command left in the background may hold a terminal's output open after the command's end.
const LAST_OUTPUT_MS = 500;

// The codes that RFC 6455 has for these.
const CLOSE = { done: 1_000, policy: 1_008, tooBig: 1_009, failed: 1_011 } as const;

/**
 * A terminal behind a WebSocket: the first text frame starts the command, binary frames are its input
 * and output, a text frame with its exit code comes last. The client's leaving ends the command and all
 * that it started on the terminal. Resolves when both are gone, and never rejects.
 */
export async function serveInteractive(
  socket: InteractiveSocket,
  engine: Engine,
  sessionId: string,
): Promise<void> {
  const closed = Promise.withResolvers<void>();
  socket.on("close", () => closed.resolve());
  socket.on("error", () => closed.resolve());
  const connection = new Connection(socket);
  const start = await Promise.race([connection.start, closed.promise]);
  // The client left before it said anything, or what it said was refused.
  if (!start) return;
  try {
    await using terminal = await engine.terminals.open(sessionId, toSpec(start));
    connection.attach(terminal);
    const code = await Promise.race([relay(terminal, connection), closed.promise]);
    if (code === undefined) return;
    await connection.send(JSON.stringify({ type: "exit", code }));
    socket.close(CLOSE.done);
  } catch (error) {
    await refuse(connection, error);
  }
}

/** Sends all that the terminal puts out, and gives the exit code. */
async function relay(terminal: Terminal, connection: Connection): Promise<number> {
  const drained = pump(terminal, connection);
  const { exitCode } = await terminal.exited;
  const given = Promise.withResolvers<void>();
  const timer = setTimeout(given.resolve, LAST_OUTPUT_MS);
  await Promise.race([drained, given.promise]);
  clearTimeout(timer);
  return exitCode;
}

/** Never rejects: an output that fails is one that ended, for its terminal is being disposed of. */
async function pump(terminal: Terminal, connection: Connection): Promise<void> {
  try {
    // One piece at a time: a slow client slows the command down, and nothing piles up here.
    for await (const chunk of terminal.output) await connection.send(chunk as Uint8Array);
  } catch {
    // What is left to tell is the exit code.
  }
}

/** Says why there is no terminal, in a frame that clients print as it is. */
async function refuse(connection: Connection, error: unknown): Promise<void> {
  const known = SandboxError.is(error) && error.code !== "internal";
  const message = known ? error.message : "The terminal failed for a reason that was not foreseen.";
  // As a shell says that there is no such command.
  const code = known && error.code === "executable_not_found" ? 127 : 1;
  await connection.send(`${message}\r\n`);
  await connection.send(JSON.stringify({ type: "exit", code }));
  connection.socket.close(CLOSE.failed);
}

/** The frames of a client: kept in order until there is a terminal that takes them. */
class Connection {
  readonly socket: InteractiveSocket;
  /** The first frame; undefined when that was none. */
  readonly start: Promise<z.output<typeof Start> | undefined>;
  readonly #start = Promise.withResolvers<z.output<typeof Start> | undefined>();
  #started = false;
  #terminal: Terminal | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #size: { columns: number; rows: number } | undefined;

  constructor(socket: InteractiveSocket) {
    this.socket = socket;
    this.start = this.#start.promise;
    socket.on("message", (data, isBinary) => {
      if (isBinary) this.#input(bytesOf(data));
      else this.#control(Buffer.from(bytesOf(data)).toString("utf8"));
    });
  }

  attach(terminal: Terminal): void {
    this.#terminal = terminal;
    if (this.#size) terminal.resize(this.#size);
    for (const data of this.#early.splice(0)) terminal.write(data);
  }

  /** Resolves when the socket has taken the frame, or has been closed. */
  async send(data: string | Uint8Array): Promise<void> {
    const sent = Promise.withResolvers<void>();
    this.socket.send(data, { binary: typeof data !== "string" }, () => sent.resolve());
    await sent.promise;
  }

  #input(data: Uint8Array): void {
    if (this.#terminal) return this.#terminal.write(data);
    this.#earlyBytes += data.byteLength;
    if (this.#earlyBytes <= LIMITS.stdinWriteBytes) this.#early.push(data);
    else this.#refuse(CLOSE.tooBig, "too much input before the command runs");
  }

  #control(text: string): void {
    const frame = parseJson(text);
    if (!this.#started) return this.#begin(frame);
    const resize = Resize.safeParse(frame);
    // What else a newer client may say is not for us.
    if (!resize.success) return;
    const size = { columns: resize.data.cols, rows: resize.data.rows };
    if (this.#terminal) this.#terminal.resize(size);
    else this.#size = size;
  }

  #begin(frame: unknown): void {
    this.#started = true;
    const start = Start.safeParse(frame);
    if (start.success) return this.#start.resolve(start.data);
    const field = start.error.issues[0]?.path.join(".") ?? "";
    this.#refuse(
      CLOSE.policy,
      `the first text frame must be a start frame (wrong: ${field || "all"})`,
    );
  }

  #refuse(code: number, reason: string): void {
    this.#start.resolve(undefined);
    this.socket.close(code, reason);
  }
}

function toSpec({ command, args, env, cwd, cols, rows }: z.output<typeof Start>) {
  // The CLI asks for root by this word, and the sandbox may have no such program.
  const [program, ...rest] = args;
  const asRoot = command === "sudo" && program !== undefined && !program.startsWith("-");
  return withoutUndefined({
    ...(asRoot ? { cmd: program, args: rest, sudo: true } : { cmd: command, args }),
    env: Object.fromEntries(env.map(splitVariable)),
    cwd,
    columns: cols,
    rows,
  });
}

function splitVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: no frame that is known here.
    return undefined;
  }
}
