import type { Engine } from "../../engine/engine.ts";
import type { Log } from "../../engine/ports.ts";
import { wireError } from "./faults.ts";
import { keepAliveStream, unlessSilent } from "../../std/keep-alive-stream.ts";

/** What the endpoints of the face stand on. */
export interface FaceContext {
  engine: Engine;
  /** Where a WebSocket to a terminal in the session is served. */
  openInteractive: (sessionId: string) => Promise<{ url: string; token: string }>;
  log: Log;
  /** After this much silence on a stream, a keep-alive is sent. */
  keepAliveMs: number;
  /** A JSON answer that takes longer than this begins with its status, 200, before it is known. */
  patienceMs: number;
}

/** One request, on the endpoint that it is for. */
export interface Call {
  request: Request;
  url: URL;
  /** A part of the path, by its name. */
  parameter: (name: string) => string;
  /** The version in the path. */
  version: "v1" | "v2" | "v3";
}

export interface Endpoint {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/v2`, as Hono writes paths. */
  path: string;
  answer: (call: Call) => Promise<Response>;
}

const NDJSON_HEADERS = {
  // The clients compare this literally: with a charset they would refuse the stream.
  "content-type": "application/x-ndjson",
  "cache-control": "no-store",
};

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...headers } });
}

export function errorAnswer(
  error: unknown,
  { log, during, headers }: { log: Log; during: string; headers?: Record<string, string> },
): Response {
  const { status, error: body } = wireError(error, { log, during });
  return json({ error: body }, { status, ...(headers && { headers }) });
}

/**
 * JSON whose making may take long: undici's clients give up on a server that sends no status for five
 * minutes, and this vendor's client would then ask twice more. Within the context's patience the answer
 * is an ordinary one. After it, the answer begins with status 200 and blanks, which JSON allows. If the
 * work fails after that, the body is the error's: no success of any endpoint looks like it, so clients
 * report an answer that is not valid, and carry the error's text.
 */
export async function eventually<Result>(
  work: Promise<Result>,
  {
    context,
    call,
    present,
  }: {
    context: FaceContext;
    call: Call;
    present: (result: Result) => { body: unknown; headers?: Record<string, string> };
  },
): Promise<Response> {
  const settled = work.then((result) => ({ result }));
  const early = await unlessSilent(settled, context.patienceMs);
  if (early) {
    const { body, headers } = present(early.result);
    return json(body, headers && { headers });
  }
  const { keepAliveMs: silenceMs, log } = context;
  async function* pieces(): AsyncGenerator<string, void, void> {
    yield " ";
    try {
      const { result } = await settled;
      yield JSON.stringify(present(result).body);
    } catch (error) {
      call.request.signal.throwIfAborted();
      yield JSON.stringify({ error: wireError(error, { log, during: during(call) }).error });
    }
  }
  const body = keepAliveStream(pieces(), { filler: " ", silenceMs });
  return new Response(body, { headers: JSON_HEADERS });
}

/** Lines of JSON. `lines` is given a signal that ends when the reader leaves or the request is aborted. */
export function ndjson(
  lines: (signal: AbortSignal) => AsyncGenerator<string, void, void>,
  { context, call }: { context: FaceContext; call: Call },
): Response {
  const reader = new AbortController();
  const signal = AbortSignal.any([call.request.signal, reader.signal]);
  const body = keepAliveStream(lines(signal), {
    // The vendor's parser takes an empty line, but not one of blanks.
    filler: "\n",
    silenceMs: context.keepAliveMs,
    leave: (reason) => reader.abort(reason),
  });
  return new Response(body, { headers: NDJSON_HEADERS });
}

/** What a request was, for the log. The query is left out: it may hold a name of the caller's. */
export function during({ request, url }: Pick<Call, "request" | "url">): string {
  return `${request.method} ${url.pathname}`;
}
