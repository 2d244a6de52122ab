import { randomBytes } from "node:crypto";
import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { OutputChunk, OutputStream } from "../../contract/command.ts";
import { Settlement } from "../../std/settlement.ts";
import type { Commands, Waiting } from "../engine.ts";
import type { InterpreterEvent, InterpreterLanguage } from "../interpreters.ts";
import { EventQueue } from "./event-queue.ts";
import { type Execution, KERNEL_LANGUAGES, type KernelLanguage } from "./kernel-language.ts";
import { MarkedText } from "./marked-text.ts";

const SIGINT = 2;
const SIGKILL = 9;
// Pieces of output that wait for a slow reader before the kernel's log does.
const WAITING_EVENTS = 64;
// How long code may take to notice an interrupt before its kernel is ended.
const PATIENCE_MS = 5_000;

const DIED = {
  name: "KernelDied",
  value:
    "The program that ran the code has ended, and its state is lost; the next code starts a new one.",
};
const STUCK = {
  name: "KernelDied",
  value:
    "The code went on after an interrupt, so the program that ran it was ended; its state is lost.",
};

const Message = z.union([
  z.object({ ready: z.string() }),
  z.object({ count: z.number() }),
  z.object({ end: z.number() }),
  z.object({ stderr: z.string() }),
  z.object({
    result: z.object({ main: z.boolean(), formats: z.record(z.string(), z.json()) }),
  }),
  z.object({ error: z.object({ name: z.string(), value: z.string(), traceback: z.string() }) }),
]);
type Message = z.output<typeof Message>;

interface Running {
  execution: Execution;
  events: EventQueue<InterpreterEvent>;
  /** The streams that have not told of its end. */
  open: Set<OutputStream>;
  begun: Settlement<void>;
  ended: Settlement<void>;
  timeoutMs?: number | undefined;
  /** Once its time was over. */
  interruption?: Promise<void>;
}

export interface KernelOptions {
  commands: Commands;
  sessionId: string;
  language: InterpreterLanguage;
  cwd: string;
  env: Record<string, string>;
}

/**
 * A program in a sandbox that runs pieces of code, one at a time, and keeps their state. It is a command like others:
 * it ends with the session, and with the engine that holds its input.
 */
export class Kernel {
  readonly #options: KernelOptions;
  /** The command that it is. */
  readonly commandId: string;
  readonly #ready = new Settlement<string>();
  readonly #texts: Record<OutputStream, MarkedText>;
  #startOutput = "";
  #running: Running | undefined;
  #nextId = 1;
  readonly #over = new Settlement<void>();
  #isOver = false;
  #endReason: { name: string; value: string } | undefined;

  private constructor(options: KernelOptions, place: { commandId: string; marker: string }) {
    this.#options = options;
    this.commandId = place.commandId;
    const marker = `\0${place.marker} `;
    this.#texts = { stdout: new MarkedText(marker), stderr: new MarkedText(marker) };
  }

  /** Returns when it takes code. Throws `unsupported` where the sandbox has no such program, `directory_not_found`. */
  static async start(options: KernelOptions, waiting: Waiting = {}): Promise<Kernel> {
    const { commands, sessionId, cwd, env } = options;
    const language = KERNEL_LANGUAGES[options.language];
    const marker = `sandlot-${randomBytes(16).toString("hex")}`;
    const request = { ...language.command(marker), cwd, env, attachStdin: true };
    const command = await commands.start(sessionId, request, waiting);
    const kernel = new Kernel(options, { commandId: command.id, marker });
    try {
      // First: whoever stops it waits until nothing of it is left to read.
      void kernel.#follow();
      await kernel.#write(language.start(marker));
      await kernel.#ready.wait(waiting.signal);
      return kernel;
    } catch (error) {
      await kernel.stop();
      throw error;
    }
  }

  /** What runs the code, for people. */
  async name(): Promise<string> {
    return this.#ready.wait();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when it has ended, for whatever reason. */
  async over(): Promise<void> {
    return this.#over.wait();
  }

  /**
   * Runs a piece of code and tells what comes of it. Leaving, the signal and the time limit interrupt it; then this
   * returns when it has ended, with its state kept. Code that does not end then is ended with its kernel. One at a time.
   */
  async *execute(
    { code, env, timeoutMs }: { code: string; env: Record<string, string>; timeoutMs?: number },
    { signal }: Waiting = {},
  ): AsyncGenerator<InterpreterEvent, void, void> {
    signal?.throwIfAborted();
    const execution = { id: this.#nextId++, code, env };
    const request = prepare(KERNEL_LANGUAGES[this.#options.language], execution);
    if (typeof request !== "string") {
      yield request;
      return;
    }
    const events = new EventQueue<InterpreterEvent>({ room: WAITING_EVENTS });
    const running: Running = {
      execution,
      events,
      open: new Set(["stdout", "stderr"]),
      begun: new Settlement(),
      ended: new Settlement(),
      timeoutMs,
    };
    const onTimeout = () => {
      running.interruption = this.#interrupt(running);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
    const onAbort = () => events.close();
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#running = running;
    try {
      await this.#write(request);
      yield* events.read();
      signal?.throwIfAborted();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      // One that is on its way yet would reach what runs next.
      await (running.interruption ?? this.#interrupt(running));
      this.#running = undefined;
    }
  }

  /** Ends it, and whatever it runs: that is told of as an error by the given name. Idempotent. */
  async stop(reason?: { name: string; value: string }): Promise<void> {
    this.#endReason ??= reason;
    const { commands, sessionId } = this.#options;
    await commands.kill(sessionId, this.commandId, SIGKILL).catch(unlessGone);
    await this.#over.wait();
  }

  /** Returns when the execution has ended. Never rejects. */
  async #interrupt({ execution, begun, ended, open }: Running): Promise<void> {
    if (open.size === 0 || this.isOver) return;
    const { commands, sessionId, language } = this.#options;
    const patience = setTimeout(() => void this.stop(STUCK).catch(() => undefined), PATIENCE_MS);
    // One that has not begun yet would not notice it, and go on for ever.
    await begun.wait();
    try {
      // The signal first: a shell reads what stands for the end only after it.
      await commands.kill(sessionId, this.commandId, SIGINT);
      await this.#write(KERNEL_LANGUAGES[language].interruption(execution));
    } catch {
      // It ended by itself, or its session did: that is told of by what follows its output.
    }
    await ended.wait();
    clearTimeout(patience);
  }

  async #write(text: string): Promise<void> {
    const { commands, sessionId } = this.#options;
    const data = Buffer.from(text);
    for (let from = 0; from < data.byteLength; from += LIMITS.stdinWriteBytes) {
      const piece = data.subarray(from, from + LIMITS.stdinWriteBytes);
      await commands.writeStdin(sessionId, this.commandId, { data: piece });
    }
  }

  /** Reads what it writes until it ends. Never rejects. */
  async #follow(): Promise<void> {
    const { commands, sessionId } = this.#options;
    try {
      for await (const chunk of commands.output(sessionId, this.commandId)) {
        await this.#take(chunk);
      }
    } catch {
      // The session and its logs are gone: so is the kernel.
    }
    const reason = this.#endReason ?? DIED;
    this.#ready.reject(
      new SandboxError(
        "unsupported",
        `${this.#options.language} code cannot run in this sandbox: ${KERNEL_LANGUAGES[this.#options.language].program} did not start there. ${this.#startOutput.trim()}`.trim(),
      ),
    );
    const running = this.#running;
    if (running && running.open.size > 0) {
      await running.events.add(this.#failure({ ...reason, traceback: "" }, running));
      this.#end(running);
    }
    this.#over.resolve();
    this.#isOver = true;
  }

  async #take({ stream, data, dropped }: OutputChunk): Promise<void> {
    const texts = this.#texts[stream];
    if (dropped) {
      texts.reset();
      await this.#tell({ type: "stderr", text: `[sandlot: ${dropped} bytes dropped here]\n` });
    }
    for (const piece of texts.push(data)) {
      if ("text" in piece) await this.#tell({ type: stream, text: piece.text });
      else if ("droppedCharacters" in piece) {
        const text = `[sandlot: a result of ${piece.droppedCharacters} characters dropped here; ${LIMITS.kernelMessageCharacters} are kept at most]\n`;
        await this.#tell({ type: "stderr", text });
      } else {
        const message = Message.safeParse(piece.message);
        if (message.success) await this.#obey(message.data, stream);
      }
    }
  }

  async #tell(event: InterpreterEvent): Promise<void> {
    if (this.#running) await this.#running.events.add(event);
    else if ("text" in event) this.#startOutput = (this.#startOutput + event.text).slice(-2_000);
  }

  async #obey(message: Message, stream: OutputStream): Promise<void> {
    const running = this.#running;
    if ("ready" in message) this.#ready.resolve(message.ready);
    else if (!running) return;
    else if ("end" in message) {
      if (message.end !== running.execution.id) return;
      running.open.delete(stream);
      if (running.open.size === 0) this.#end(running);
    } else if ("stderr" in message) {
      await this.#tell({ type: "stderr", text: message.stderr });
    } else if ("count" in message) {
      running.begun.resolve();
      await this.#tell({ type: "count", executionCount: message.count });
    } else if ("result" in message) {
      const { main: isMain, formats } = message.result;
      await this.#tell({ type: "result", isMain, formats });
    } else await this.#tell(this.#failure(message.error, running));
  }

  #failure(
    error: { name: string; value: string; traceback: string },
    { interruption, timeoutMs }: Running,
  ): InterpreterEvent {
    if (!interruption) return { type: "error", ...error };
    const value = `the code ran for longer than ${timeoutMs} ms`;
    const traceback = this.#endReason ? this.#endReason.value : error.traceback;
    return { type: "error", name: "TimeoutError", value, traceback };
  }

  #end(running: Running): void {
    running.open.clear();
    running.begun.resolve();
    running.ended.resolve();
    running.events.close();
  }
}

/** The line that asks for it; or how the code fails that is not even a piece of its language. */
function prepare(language: KernelLanguage, execution: Execution): string | InterpreterEvent {
  try {
    return language.request(execution);
  } catch (error) {
    if (!SandboxError.is(error)) throw error;
    return { type: "error", name: "SyntaxError", value: error.message, traceback: error.message };
  }
}

/** The kernel is gone with its sandbox, which is as good. */
function unlessGone(error: unknown): void {
  if (SandboxError.is(error)) return;
  throw error;
}
