import type { AnswerFrame, CallerFrame, HostFrame } from "../../contract/carrier.ts";
import { newId } from "../../std/ids.ts";
import { errorFrom } from "../fault-answer.ts";
import type { FetchInit } from "../native-fetch.ts";
import { ByteWindow } from "./byte-window.ts";
import { IncomingBody } from "./incoming-body.ts";
import { bodyParts } from "./send-body.ts";

export interface CarrierClientOptions {
  /** Takes frames in order; it must not throw. */
  send: (frame: CallerFrame) => void;
  /** Called when the first request begins, and when none is left that waits for anything. */
  busy: (isBusy: boolean) => void;
}

/** One request that waits for its answer, or for the rest of it. */
interface Exchange {
  /** Whether the request's beginning is on its way for certain: it may be carried out. */
  isSent: boolean;
  head: PromiseWithResolvers<Response>;
  answer: IncomingBody;
  window: ByteWindow;
  /** Aborted when the exchange ends: the rest of the request's body is of no interest then. */
  ended: AbortSignal;
  finish: (reason?: unknown) => void;
}

/** Statuses whose answers have no body by HTTP's rules: `Response` refuses one. */
const BODILESS = new Set([204, 205, 304]);

/** The caller's end of a carrier: a `fetch` whose requests leave as frames. */
export class CarrierClient {
  readonly #options: CarrierClientOptions;
  readonly #exchanges = new Map<string, Exchange>();

  constructor(options: CarrierClientOptions) {
    this.#options = options;
  }

  /** The answer as soon as its head is there. Rejects with the signal's reason, and with what `fail` is given. */
  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    const { dispatcher: _, signal, ...rest } = init;
    signal?.throwIfAborted();
    // What a body is as bytes, and which type it has, is the platform's own knowledge.
    const request = new Request(`http://localhost${path}`, {
      ...rest,
      ...(rest.body instanceof ReadableStream && { duplex: "half" as const }),
    });
    const id = newId("rq");
    const exchange = this.#open(id, signal ?? undefined);
    this.#options.send({
      kind: "request",
      id,
      method: request.method,
      path,
      headers: [...request.headers],
      hasBody: request.body !== null,
    });
    if (request.body) void this.#sendBody(id, { body: request.body, exchange });
    return exchange.head.promise;
  }

  receive(frame: AnswerFrame): void {
    const exchange = this.#exchanges.get(frame.id);
    // One that the caller has left.
    if (!exchange) return;
    switch (frame.kind) {
      case "head":
        exchange.head.resolve(toResponse(frame, exchange.answer));
        return;
      case "chunk":
        exchange.answer.add(Buffer.from(frame.data, "base64"));
        if (!frame.end) return;
        exchange.answer.end();
        exchange.finish();
        return;
      case "credit":
        exchange.window.grant(frame.bytes);
        return;
      case "answering":
        return;
      case "failure":
        this.#fail(exchange, errorFrom(frame));
        return;
    }
  }

  /** Told of the frames that arrived where they were sent to. */
  sent(frames: readonly CallerFrame[]): void {
    for (const { kind, id } of frames) {
      const exchange = kind === "request" ? this.#exchanges.get(id) : undefined;
      if (exchange) exchange.isSent = true;
    }
  }

  /** Nothing more comes: every request that waits fails with that error. */
  fail(error: unknown): void {
    for (const exchange of this.#exchanges.values()) this.#fail(exchange, error);
  }

  /** Nothing more can be sent: the requests that nobody has seen fail with that error. */
  failUnsent(error: unknown): void {
    for (const exchange of this.#exchanges.values()) {
      if (!exchange.isSent) this.#fail(exchange, error);
    }
  }

  /** Asks whether whatever waits is still being answered: there was nothing to hear for a while. */
  ask(): void {
    for (const id of this.#exchanges.keys()) this.#options.send({ kind: "ask", id });
  }

  get waiting(): number {
    return this.#exchanges.size;
  }

  #open(id: string, signal: AbortSignal | undefined): Exchange {
    const head = Promise.withResolvers<Response>();
    // Whoever asked may have left by its signal.
    head.promise.catch(() => undefined);
    const sending = new AbortController();
    const leave = (reason: unknown): void => {
      if (!this.#exchanges.has(id)) return;
      this.#options.send({ kind: "leave", id });
      this.#fail(exchange, reason);
    };
    const onAbort = (): void => leave(signal?.reason);
    const exchange: Exchange = {
      isSent: false,
      head,
      ended: sending.signal,
      window: new ByteWindow(),
      answer: new IncomingBody({
        credit: (bytes) => this.#options.send({ kind: "credit", id, bytes }),
        leave,
      }),
      finish: (reason) => {
        signal?.removeEventListener("abort", onAbort);
        sending.abort(reason);
        if (this.#exchanges.delete(id) && this.#exchanges.size === 0) this.#options.busy(false);
      },
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#exchanges.set(id, exchange);
    if (this.#exchanges.size === 1) this.#options.busy(true);
    return exchange;
  }

  async #sendBody(
    id: string,
    { body, exchange }: { body: ReadableStream<Uint8Array>; exchange: Exchange },
  ): Promise<void> {
    const { window, ended } = exchange;
    try {
      for await (const part of bodyParts(body, { window, signal: ended })) {
        this.#options.send({ kind: "chunk", id, ...part });
      }
    } catch (error) {
      if (ended.aborted) return;
      this.#options.send({ kind: "leave", id });
      this.#fail(exchange, error);
    }
  }

  #fail(exchange: Exchange, error: unknown): void {
    exchange.head.reject(error);
    exchange.answer.fail(error);
    exchange.finish(error);
  }
}

function toResponse(
  { status, headers }: Extract<HostFrame, { kind: "head" }>,
  answer: IncomingBody,
): Response {
  return new Response(BODILESS.has(status) ? null : answer.stream, { status, headers });
}
