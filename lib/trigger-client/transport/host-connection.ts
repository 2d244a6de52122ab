import { type CallerFrame, type CallerRecord, HostRecord } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import { CarrierClient } from "../../host/carrier/carrier-client.ts";
import { FrameQueue } from "../../host/carrier/frame-queue.ts";
import type { FetchInit } from "../../host/native-fetch.ts";
import { PROTOCOL } from "../../host/package-version.ts";
import { newId } from "../../std/ids.ts";
import type { HostSession, TriggerPlatform } from "./platform.ts";

export interface HostConnectionOptions {
  platform: TriggerPlatform;
  session: HostSession;
  runId: string;
  /** How long nothing may be heard before somebody asks whether the run lives. */
  silenceMs?: number;
  /** How long the run may wait for a machine. */
  startMs?: number;
}

const SILENCE_MS = 5_000;
const START_MS = 120_000;
/** How often a host that lives may leave a question without an answer. */
const UNANSWERED = 6;

/** What is told when the host had ended before it saw a request: it may be sent to the next one. */
export class HostGone extends Error {
  override readonly name = "HostGone";
}

/** What is told when the run ended before its answer came: the request may have been carried out, or not. */
export class RunEnded extends SandboxError {}

/**
 * One caller's way to one run. It reads answers only while it waits for some, so that it does not keep a
 * program alive. Once broken it stays so.
 */
export class HostConnection {
  readonly #options: Required<HostConnectionOptions>;
  readonly #caller = newId("caller");
  readonly #client: CarrierClient;
  readonly #queue: FrameQueue<CallerFrame>;
  #reading: AbortController | undefined;
  /** The number of the next answer. */
  #next = 0;
  #silences = 0;
  #silentSince = 0;
  #doubtedAt = 0;
  #hasEnded = false;
  #broken: unknown;

  constructor(options: HostConnectionOptions) {
    this.#options = { silenceMs: SILENCE_MS, startMs: START_MS, ...options };
    const { platform, session, runId } = options;
    this.#queue = new FrameQueue<CallerFrame>({
      write: async (frames, number) => {
        const record: CallerRecord = {
          kind: "sandlot",
          protocol: PROTOCOL,
          to: runId,
          from: this.#caller,
          number,
          frames,
        };
        await platform.send(session, JSON.stringify(record));
        this.#client.sent(frames);
      },
      broken: (error) => (isClosed(error) ? this.#closed() : this.#break(error)),
    });
    this.#client = new CarrierClient({
      send: (frame) => this.#queue.push(frame),
      busy: (isBusy) => this.#listen(isBusy),
    });
  }

  get runId(): string {
    return this.#options.runId;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether it is worth a question first, if the run still lives: nothing was heard of it for a while. */
  get isDoubtful(): boolean {
    return (
      this.#client.waiting === 0 && performance.now() - this.#silentSince > this.#options.silenceMs
    );
  }

  /** Throws HostGone when the request was certainly not carried out, because its host had ended. */
  async fetch(path: string, init: FetchInit): Promise<Response> {
    if (this.isBroken) throw new HostGone();
    return this.#client.fetch(path, init);
  }

  close(reason: unknown): void {
    this.#break(reason);
  }

  #break(error: unknown): void {
    this.#broken ??= error;
    this.#client.fail(error);
  }

  /** Nobody will see what was not sent yet. What was seen may still be answered: a deletion closes before it is. */
  #closed(): void {
    const gone = new HostGone();
    this.#broken ??= gone;
    this.#client.failUnsent(gone);
  }

  #listen(isBusy: boolean): void {
    this.#reading?.abort();
    this.#reading = undefined;
    if (!isBusy) return;
    this.#reading = new AbortController();
    void this.#read(this.#reading.signal);
  }

  /** Never rejects. */
  async #read(signal: AbortSignal): Promise<void> {
    const { platform, runId, silenceMs } = this.#options;
    this.#heard();
    const timer = setInterval(() => void this.#doubt(signal), silenceMs / 5);
    try {
      while (!signal.aborted) {
        const answers = platform.answers(runId, { caller: this.#caller, from: this.#next, signal });
        for await (const value of answers) {
          if (signal.aborted) return;
          this.#take(value);
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#break(error);
    } finally {
      clearInterval(timer);
    }
  }

  #heard(): void {
    this.#silences = 0;
    this.#silentSince = performance.now();
  }

  #take(value: unknown): void {
    const record = HostRecord.parse(typeof value === "string" ? JSON.parse(value) : value);
    this.#heard();
    // One that the platform wrote twice.
    if (record.number < this.#next) return;
    if (record.number > this.#next) {
      throw new SandboxError(
        "engine_unavailable",
        `Answer ${this.#next} of the run ${this.#options.runId} is missing: the next one was ${record.number}.`,
      );
    }
    this.#next += 1;
    for (const frame of record.frames) {
      if (frame.kind === "closed") this.#break(new HostGone());
      else this.#client.receive(frame);
    }
  }

  /** Nothing may have been heard because there is nothing to say, or because nobody is there. Never rejects. */
  async #doubt(signal: AbortSignal): Promise<void> {
    const { platform, runId, silenceMs, startMs } = this.#options;
    const now = performance.now();
    const silentMs = now - this.#silentSince;
    if (now - Math.max(this.#silentSince, this.#doubtedAt) < silenceMs) return;
    this.#doubtedAt = now;
    try {
      const { phase, status } = await platform.state(runId);
      if (signal.aborted) return;
      if (phase === "ended" && !this.#hasEnded) {
        // What it said last may still be on its way: at the next look, it is not.
        this.#hasEnded = true;
        this.#doubtedAt = 0;
      } else if (phase === "ended") {
        this.#break(
          new RunEnded(
            "engine_unavailable",
            `The run ${runId}, which held the sandbox, has ended (${status}) without an answer. What was asked may have been done. Call again: the next call starts another run.`,
          ),
        );
      } else if (phase === "waiting") {
        if (silentMs < startMs) return;
        this.#break(
          unavailable(
            `The run ${runId} waits for a machine since ${Math.round(silentMs / 1_000)} seconds (${status}). Look whether a worker is connected (\`trigger dev\`, or a deployment with the task sandbox-host) and whether the queue sandbox-host has a free slot.`,
          ),
        );
      } else if (++this.#silences > UNANSWERED) {
        this.#break(unavailable(`The run ${runId} lives, but does not answer any more.`));
      } else {
        this.#client.ask();
      }
    } catch (error) {
      if (!signal.aborted && ++this.#silences > UNANSWERED) this.#break(error);
    }
  }
}

function isClosed(error: unknown): boolean {
  return SandboxError.is(error) && error.code === "sandbox_not_found";
}

function unavailable(message: string): SandboxError {
  return new SandboxError("engine_unavailable", message);
}
