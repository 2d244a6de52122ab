import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { RequestHead } from "../engine/face.ts";
import { pathBelow } from "./face-mounts.ts";

/** What a request asks for, as faces read it: its URL is the one that the caller used, without `prefix`. */
export function requestHead(
  request: IncomingMessage,
  { prefix = "" }: { prefix?: string } = {},
): RequestHead {
  const scheme = request.socket instanceof TLSSocket ? "https" : "http";
  return {
    method: request.method ?? "GET",
    url: `${scheme}://${request.headers.host ?? "localhost"}${pathBelow(prefix, request.url)}`,
    headers: {
      get(name) {
        const value = request.headers[name.toLowerCase()];
        return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
      },
    },
  };
}

/** The same as a whole request of the platform's. A body is not taken over: WebSockets are asked for without one. */
export function bodilessRequest(
  request: IncomingMessage,
  options: { prefix?: string; signal?: AbortSignal } = {},
): Request {
  const { url } = requestHead(request, options);
  const headers = new Headers();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return new Request(url, { headers, ...(options.signal && { signal: options.signal }) });
}
