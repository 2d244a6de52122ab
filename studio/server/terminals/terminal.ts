import { once } from "node:events";
import type { Sandbox } from "sandlot";
import WebSocket from "ws";
import * as z from "zod";
import { StudioError } from "../../contract/errors.ts";
import { PROJECT_FOLDER, STUDIO_LIMITS } from "../../contract/limits.ts";
import type { TerminalEvent, TerminalInfo, TerminalInput } from "../../contract/terminal.ts";
import { EventQueue } from "../events/event-queue.ts";

const Exit = z.object({ type: z.literal("exit"), code: z.int() });

// A shell with line editing where there is one. The size that it has comes with the terminal.
const SHELL = "if command -v bash >/dev/null; then exec bash; else exec sh; fi";
const ENV = ["TERM=xterm-256color", "COLORTERM=truecolor"];

/**
 * A shell on a terminal of a sandbox. It goes on while nobody looks, until it ends, is closed, or its sandbox stops.
 * What it put out last is kept for those who come.
 */
export class Terminal implements Disposable {
  readonly info: TerminalInfo;
  readonly #socket: WebSocket;
  readonly #listeners = new Set<(event: TerminalEvent) => void>();
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #exit: Extract<TerminalEvent, { type: "exit" }> | undefined;

  private constructor(info: TerminalInfo, socket: WebSocket) {
    this.info = info;
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#output(data);
      else this.#control(data.toString("utf8"));
    });
    socket.on("close", () => this.#ended({ type: "exit" }));
    // A close follows, which tells of the end.
    socket.on("error", () => undefined);
  }

  /** Opens a shell in the project's folder. Throws `upstream` when the engine offers none. */
  static async open(
    sandbox: Sandbox,
    { info, cols, rows }: { info: TerminalInfo; cols: number; rows: number },
  ): Promise<Terminal> {
    const { url, token } = await sandbox.currentSession().openInteractive();
    const socket = new WebSocket(`${url}?token=${encodeURIComponent(token)}`);
    try {
      await once(socket, "open");
    } catch (error) {
      const reason = error instanceof Error ? error.message : "no reason was given";
      throw new StudioError("upstream", `The sandbox opened no terminal: ${reason}.`, {
        cause: error,
      });
    }
    const terminal = new Terminal(info, socket);
    terminal.#send({
      type: "start",
      command: "sh",
      args: ["-c", SHELL],
      env: ENV,
      cwd: PROJECT_FOLDER,
      cols,
      rows,
    });
    return terminal;
  }

  get isOpen(): boolean {
    return this.#exit === undefined;
  }

  /** What was typed, or a new size. Does nothing once the shell has ended. */
  write(input: TerminalInput): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if ("data" in input) this.#socket.send(Buffer.from(input.data, "utf8"), { binary: true });
    else this.#send({ type: "resize", ...input.resize });
  }

  /** What was kept, then live. Ends with the shell, or when the signal is aborted. */
  async *events(signal: AbortSignal): AsyncGenerator<TerminalEvent, void, void> {
    const queue = new EventQueue<TerminalEvent>();
    const listener = (event: TerminalEvent): void => queue.push(event);
    this.#listeners.add(listener);
    try {
      yield { type: "output", data: Buffer.concat(this.#kept).toString("base64"), replay: true };
      if (this.#exit) return yield this.#exit;
      for await (const event of queue.read(signal)) {
        yield event;
        if (event.type === "exit") return;
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  /** Ends the shell with all that it runs. */
  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #output(data: Buffer): void {
    this.#kept.push(data);
    this.#keptBytes += data.length;
    while (this.#keptBytes > STUDIO_LIMITS.terminalReplayBytes && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    }
    this.#tell({ type: "output", data: data.toString("base64") });
  }

  #control(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // It is a sentence for people: the service says what went wrong.
      return this.#output(Buffer.from(`${text}\r\n`, "utf8"));
    }
    const exit = Exit.safeParse(value);
    if (exit.success) this.#ended({ type: "exit", exitCode: exit.data.code });
  }

  #ended(event: Extract<TerminalEvent, { type: "exit" }>): void {
    if (this.#exit) return;
    const message =
      event.exitCode === undefined
        ? "The terminal was disconnected: its sandbox has stopped, or the engine has."
        : "The shell has ended.";
    this.#exit = { ...event, message };
    this.#tell(this.#exit);
  }

  #tell(event: TerminalEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #send(message: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(message));
  }
}
