import { CallerRecord, type HostFrame, type HostRecord } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { messageOf } from "../../std/message-of.ts";
import { packageVersion, PROTOCOL } from "../package-version.ts";
import { CarrierServer } from "./carrier-server.ts";
import { FrameQueue } from "./frame-queue.ts";

export interface CallerDeskOptions {
  /** By which callers address this host, and no other one that reads the same log. */
  address: string;
  /** Writes one record where that caller reads its answers. Never called twice at once for one caller. */
  write: (caller: string, record: string) => Promise<void>;
  handle: (request: Request) => Promise<Response>;
  log: Log;
}

interface Caller {
  server: CarrierServer;
  queue: FrameQueue<HostFrame>;
  /** The number of the next record that was not seen yet. */
  next: number;
}

function refuseProtocol(
  { queue }: Caller,
  { frames, protocol }: Pick<CallerRecord, "frames" | "protocol">,
): void {
  const code = "engine_unavailable";
  const message = `The run that holds the sandbox has Sandlot ${packageVersion()} (protocol ${PROTOCOL}), and this caller speaks protocol ${protocol}. Deploy the tasks with the version that the caller has.`;
  for (const frame of frames) {
    if (frame.kind === "request") queue.push({ kind: "failure", id: frame.id, code, message });
  }
}

/** The callers of one host: whose record it is, whether it is new, and where the answer goes. */
export class CallerDesk {
  readonly #options: CallerDeskOptions;
  readonly #callers = new Map<string, Caller>();
  #activeAt = performance.now();
  #closed = false;

  constructor(options: CallerDeskOptions) {
    this.#options = options;
  }

  /** How many requests are being answered. */
  get answering(): number {
    let count = 0;
    for (const { server } of this.#callers.values()) count += server.answering;
    return count;
  }

  /** For how long nobody has asked for anything. */
  get quietMs(): number {
    return performance.now() - this.#activeAt;
  }

  /** Takes one record; what is not a caller's record for this host, or came before, is passed over. */
  receive(record: unknown): void {
    const parsed = CallerRecord.safeParse(record);
    if (this.#closed || !parsed.success || parsed.data.to !== this.#options.address) return;
    const { from, number, frames, protocol } = parsed.data;
    this.#activeAt = performance.now();
    const caller = this.#caller(from);
    if (number < caller.next) return;
    caller.next = number + 1;
    if (protocol !== PROTOCOL) return refuseProtocol(caller, { frames, protocol });
    for (const frame of frames) caller.server.receive(frame);
  }

  /** Takes nothing any more. Every answer that is under way ends with that error, and every caller is told. */
  async close(reason: SandboxError): Promise<void> {
    this.#closed = true;
    const callers = [...this.#callers.values()];
    for (const { server, queue } of callers) {
      server.close(reason);
      queue.push({ kind: "closed" });
    }
    await Promise.all(callers.map(({ queue }) => queue.flushed()));
  }

  #caller(from: string): Caller {
    const known = this.#callers.get(from);
    if (known) return known;
    const { write, handle, log } = this.#options;
    const queue = new FrameQueue<HostFrame>({
      write: (frames, number) => {
        const record: HostRecord = { number, frames };
        return write(from, JSON.stringify(record));
      },
      broken: (error) => {
        const reason = messageOf(error);
        log.warn("answers to a caller could not be written", { from, reason });
        server.close(new SandboxError("engine_unavailable", reason));
      },
    });
    const server = new CarrierServer({
      handle: async (request) => {
        try {
          return await handle(request);
        } finally {
          this.#activeAt = performance.now();
        }
      },
      send: (frame) => queue.push(frame),
    });
    const caller = { server, queue, next: 0 };
    this.#callers.set(from, caller);
    return caller;
  }
}
