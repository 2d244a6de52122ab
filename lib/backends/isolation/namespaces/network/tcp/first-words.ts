import type { Socket } from "node:net";
import { readClientHello } from "./client-hello.ts";
import { readRequestHead } from "./request-head.ts";

/** How a client begins. */
export type FirstWords =
  | { protocol: "tls"; serverName: string | undefined }
  | { protocol: "http"; host: string | undefined }
  | { protocol: "other" };

/** What the bytes so far say; undefined when more are needed. */
function understand(bytes: Buffer): FirstWords | undefined {
  const hello = readClientHello(bytes);
  if (hello.kind === "hello") return { protocol: "tls", serverName: hello.serverName };
  const request = hello.kind === "none" ? readRequestHead(bytes) : hello;
  if (request.kind === "request") return { protocol: "http", host: request.host };
  return request.kind === "more" ? undefined : { protocol: "other" };
}

/**
 * Reads until it is clear what a client speaks, and puts back what was read. Undefined when the client ended
 * first, or when `until` is aborted: whatever had arrived is put back then too.
 */
export async function firstWords(
  socket: Socket,
  until: AbortSignal,
): Promise<FirstWords | undefined> {
  const { promise, resolve } = Promise.withResolvers<FirstWords | undefined>();
  const chunks: Buffer[] = [];
  const onReadable = () => {
    for (;;) {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      chunks.push(chunk);
      const words = understand(Buffer.concat(chunks));
      if (words) return resolve(words);
    }
  };
  const leave = () => resolve(undefined);
  socket.on("readable", onReadable);
  socket.on("end", leave);
  socket.on("close", leave);
  until.addEventListener("abort", leave);
  if (until.aborted || socket.destroyed) leave();
  try {
    return await promise;
  } finally {
    socket.off("readable", onReadable);
    socket.off("end", leave);
    socket.off("close", leave);
    until.removeEventListener("abort", leave);
    if (chunks.length > 0 && !socket.readableEnded) socket.unshift(Buffer.concat(chunks));
  }
}
