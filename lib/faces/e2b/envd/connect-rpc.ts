import type * as z from "zod";
import type { Sandbox } from "../../../contract/sandbox.ts";
import { mediaType } from "../../../engine/face-request.ts";
import type { Log } from "../../../engine/ports.ts";
import { abortable } from "../../../std/abortable.ts";
import { keepAliveStream } from "../../../std/keep-alive-stream.ts";
import { failureOf, Refusal } from "./connect-codes.ts";
import { decodeFrames, encodeFrame } from "./connect-frames.ts";
import { MESSAGE_BYTES, parseJson, parseMessage, readJsonBody } from "./json-body.ts";

/** One call of a procedure. */
export interface RpcCall {
  request: Request;
  sandbox: Sandbox;
  log: Log;
  /** Ends with the request, with its deadline, or when the reader of a stream leaves. */
  signal: AbortSignal;
  /** `undefined` means that the caller set none. */
  deadline: Deadline | undefined;
}

/** How long the caller wants the call to take, and what tells that it is over. */
interface Deadline {
  readonly ms: number;
  readonly signal: AbortSignal;
}

/** A procedure: takes a request as it came and answers in the protocol's form, errors too. */
export type RpcMethod = (
  request: Request,
  place: Pick<RpcCall, "sandbox" | "log">,
) => Promise<Response>;

// Timers of Node hold 31 bits; a caller that waits longer than 24 days waits for ever.
const LONGEST_DEADLINE_MS = 2 ** 31 - 1;
// The vendor's servers say something at least this often unless they are asked to do so otherwise.
const KEEP_ALIVE_MS = 90_000;
const UNARY_TYPE = "application/json";
const STREAM_TYPE = "application/connect+json";

/** One message in, one out. */
export function unary<Schema extends z.ZodType>(
  schema: Schema,
  answer: (message: z.output<Schema>, call: RpcCall) => Promise<object>,
): RpcMethod {
  return async (request, { sandbox, log }) => {
    if (mediaType(request) !== UNARY_TYPE) return refuseType(UNARY_TYPE);
    try {
      using deadline = startDeadline(request);
      const signal = anyOf(request.signal, deadline?.signal);
      const message = parseMessage(schema, await readJsonBody(request));
      const call = { request, sandbox, log, signal, deadline };
      return Response.json(await abortable(answer(message, call), signal), {
        headers: { "cache-control": "no-store" },
      });
    } catch (error) {
      request.signal.throwIfAborted();
      const { code, status, message } = failureOf(error, { log, during: during(request) });
      return Response.json({ code, message }, { status });
    }
  };
}

/**
 * One message in, many out; the last frame says how it ended. `filler` is sent while there is nothing to tell. The
 * events are made only while somebody reads; a reader that leaves ends their making.
 */
export function serverStream<Schema extends z.ZodType>(
  schema: Schema,
  events: (message: z.output<Schema>, call: RpcCall) => AsyncGenerator<object, void, void>,
  { filler }: { filler: object },
): RpcMethod {
  return async (request, { sandbox, log }) => {
    if (mediaType(request) !== STREAM_TYPE) return refuseType(STREAM_TYPE);
    const reader = new AbortController();
    const body = keepAliveStream(frames(), {
      filler: encodeFrame(filler),
      silenceMs: keepAliveMs(request),
      leave: (reason) => reader.abort(reason),
    });
    return streamAnswer(body);

    async function* frames(): AsyncGenerator<Uint8Array, void, void> {
      try {
        using deadline = startDeadline(request);
        const signal = anyOf(request.signal, deadline?.signal, reader.signal);
        const message = parseMessage(schema, await readOnlyMessage(request));
        const call = { request, sandbox, log, signal, deadline };
        for await (const event of events(message, call)) yield encodeFrame(event);
        yield encodeFrame({}, { end: true });
      } catch (error) {
        anyOf(request.signal, reader.signal).throwIfAborted();
        const { code, message } = failureOf(error, { log, during: during(request) });
        yield encodeFrame({ error: { code, message } }, { end: true });
      }
    }
  };
}

/** Many messages in, one out. */
export function clientStream<Schema extends z.ZodType>(
  schema: Schema,
  take: (messages: AsyncGenerator<z.output<Schema>, void, void>, call: RpcCall) => Promise<object>,
): RpcMethod {
  return async (request, { sandbox, log }) => {
    if (mediaType(request) !== STREAM_TYPE) return refuseType(STREAM_TYPE);
    async function* messages(): AsyncGenerator<z.output<Schema>, void, void> {
      for await (const { payload, end } of requestFrames(request)) {
        if (end) return;
        yield parseMessage(schema, parseJson(payload));
      }
    }
    const frames: Uint8Array[] = [];
    try {
      using deadline = startDeadline(request);
      const signal = anyOf(request.signal, deadline?.signal);
      const call = { request, sandbox, log, signal, deadline };
      frames.push(encodeFrame(await abortable(take(messages(), call), signal)));
      frames.push(encodeFrame({}, { end: true }));
    } catch (error) {
      request.signal.throwIfAborted();
      const { code, message } = failureOf(error, { log, during: during(request) });
      frames.push(encodeFrame({ error: { code, message } }, { end: true }));
    }
    return streamAnswer(Buffer.concat(frames));
  };
}

function streamAnswer(body: ConstructorParameters<typeof Response>[0]): Response {
  return new Response(body, {
    headers: { "content-type": STREAM_TYPE, "cache-control": "no-store" },
  });
}

async function readOnlyMessage(request: Request): Promise<unknown> {
  let found: unknown;
  let count = 0;
  for await (const { payload, end } of requestFrames(request)) {
    if (end) break;
    count += 1;
    found = parseJson(payload);
  }
  if (count === 1) return found;
  throw new Refusal("invalid_argument", `This call takes one message; ${count} were sent.`);
}

function requestFrames(request: Request) {
  return decodeFrames(request.body ?? new Blob([]).stream(), {
    limitBytes: MESSAGE_BYTES,
  });
}

function startDeadline(request: Request): (Deadline & Disposable) | undefined {
  const given = request.headers.get("connect-timeout-ms");
  if (given === null) return undefined;
  if (!/^\d{1,10}$/.test(given)) {
    throw new Refusal(
      "invalid_argument",
      "The header connect-timeout-ms holds up to ten digits: milliseconds.",
    );
  }
  const ms = Number(given);
  if (ms === 0 || ms > LONGEST_DEADLINE_MS) return undefined;
  const controller = new AbortController();
  const reason = new Refusal("deadline_exceeded", `the ${ms} ms that the caller gave are over`);
  const timer = setTimeout(() => controller.abort(reason), ms);
  return { ms, signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

function keepAliveMs(request: Request): number {
  const seconds = Number(request.headers.get("keepalive-ping-interval"));
  return Number.isInteger(seconds) && seconds > 0 && seconds < 86_400
    ? seconds * 1_000
    : KEEP_ALIVE_MS;
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

function refuseType(type: string): Response {
  return new Response(null, { status: 415, headers: { "accept-post": type } });
}

function during(request: Request): string {
  return `${request.method} ${new URL(request.url).pathname}`;
}
