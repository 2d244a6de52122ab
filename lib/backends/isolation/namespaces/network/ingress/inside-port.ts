import { connect, type Socket } from "node:net";
import { ReadBuffers } from "./read-buffers.ts";

const buffers = new ReadBuffers();
const LOOPBACKS = ["127.0.0.1", "::1"];

/**
 * Joins the socket with what listens at a port of this network namespace, byte for byte: what either side
 * ends is ended on the other once everything has arrived, and a slow reader slows the writer down. Undefined
 * when nothing listens there; then the socket is as it was.
 */
export async function joinInside(outside: Socket, port: number): Promise<Socket | undefined> {
  for (const host of LOOPBACKS) {
    const inside = await tryJoin(outside, { host, port });
    if (inside) return inside;
  }
  return undefined;
}

function tryJoin(
  outside: Socket,
  { host, port }: { host: string; port: number },
): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const inside = connect({
    host,
    port,
    allowHalfOpen: true,
    noDelay: true,
    onread: {
      buffer: () => buffers.take(),
      callback(length: number, buffer: Uint8Array) {
        const read = buffer as Buffer;
        return outside.write(read.subarray(0, length), () => buffers.give(read));
      },
    },
  });
  inside.on("error", () => undefined); // `close` follows.
  inside.once("close", () => resolve(undefined));
  // Before anything is read: what the server says first is passed on at once.
  inside.once("connect", () => {
    outside.setNoDelay(true);
    outside.pipe(inside);
    outside.on("drain", () => inside.resume());
    inside.on("end", () => outside.end());
    // Cut off in the middle: what was read before is still delivered, then the other is cut off too.
    inside.on("close", () => outside.destroySoon());
    outside.on("close", () => inside.destroySoon());
    inside.resume();
    resolve(inside);
  });
  return promise;
}
