import type { AnswerFrame, CallerFrame } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import { messageOf } from "../../std/message-of.ts";
import { ByteWindow } from "./byte-window.ts";
import { IncomingBody } from "./incoming-body.ts";
import { bodyParts } from "./send-body.ts";

export interface CarrierServerOptions {
  /** Answers one request, whose path is as the caller gave it. It rejects only with the request's own signal. */
  handle: (request: Request) => Promise<Response>;
  /** Takes frames in order; it must not throw. */
  send: (frame: AnswerFrame) => void;
}

interface Exchange {
  request: IncomingBody;
  window: ByteWindow;
  leave: AbortController;
}

/** The engine's end of a carrier, for one caller. */
export class CarrierServer {
  readonly #options: CarrierServerOptions;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(options: CarrierServerOptions) {
    this.#options = options;
  }

  /** How many requests are being answered. */
  get answering(): number {
    return this.#exchanges.size;
  }

  receive(frame: CallerFrame): void {
    if (frame.kind === "request") {
      if (!this.#exchanges.has(frame.id)) void this.#answer(frame);
      return;
    }
    const exchange = this.#exchanges.get(frame.id);
    if (!exchange) {
      // What else is said about an answer that is complete crossed it on the way.
      if (frame.kind === "ask") this.#fail(frame.id, unknownRequest());
      return;
    }
    switch (frame.kind) {
      case "ask":
        this.#options.send({ kind: "answering", id: frame.id });
        return;
      case "chunk":
        exchange.request.add(Buffer.from(frame.data, "base64"));
        if (frame.end) exchange.request.end();
        return;
      case "credit":
        exchange.window.grant(frame.bytes);
        return;
      case "leave": {
        const reason = new DOMException("The caller left.", "AbortError");
        exchange.leave.abort(reason);
        exchange.request.fail(reason);
      }
    }
  }

  /** Ends every answer that is being given, because there is nobody to give it to or nobody to give it. */
  close(reason: SandboxError): void {
    for (const [id, { leave, request }] of this.#exchanges) {
      this.#fail(id, reason);
      leave.abort(reason);
      request.fail(reason);
    }
  }

  /** Never rejects: what goes wrong is told to the caller. */
  async #answer(frame: Extract<CallerFrame, { kind: "request" }>): Promise<void> {
    const { id } = frame;
    const exchange = this.#open(frame);
    const { signal } = exchange.leave;
    try {
      const response = await this.#options.handle(toRequest(frame, exchange));
      const { status, headers } = response;
      this.#options.send({ kind: "head", id, status, headers: [...headers] });
      if (response.body) {
        const { window } = exchange;
        for await (const part of bodyParts(response.body, { window, signal })) {
          this.#options.send({ kind: "chunk", id, ...part });
        }
      } else {
        this.#options.send({ kind: "chunk", id, data: "", end: true });
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(id, error);
    } finally {
      this.#exchanges.delete(id);
      exchange.request.fail(new DOMException("The answer is complete.", "AbortError"));
    }
  }

  #fail(id: string, error: unknown): void {
    const code = SandboxError.is(error) ? error.code : "internal";
    const message = messageOf(error);
    this.#options.send({ kind: "failure", id, code, message });
  }

  #open({ id, hasBody }: Extract<CallerFrame, { kind: "request" }>): Exchange {
    const exchange: Exchange = {
      window: new ByteWindow(),
      leave: new AbortController(),
      request: new IncomingBody({
        credit: (bytes) => this.#options.send({ kind: "credit", id, bytes }),
        // What the caller still sends is dropped; its answer ends the exchange.
        leave: () => undefined,
      }),
    };
    if (!hasBody) exchange.request.end();
    this.#exchanges.set(id, exchange);
    return exchange;
  }
}

function unknownRequest(): SandboxError {
  return new SandboxError(
    "engine_unavailable",
    "The sandbox's host does not know this request: its answer was lost on the way. What was asked may have been done.",
  );
}

function toRequest(
  { method, path, headers, hasBody }: Extract<CallerFrame, { kind: "request" }>,
  { request, leave }: Exchange,
): Request {
  return new Request(`http://localhost${path}`, {
    method,
    headers,
    signal: leave.signal,
    ...(hasBody && { body: request.stream, duplex: "half" as const }),
  });
}
