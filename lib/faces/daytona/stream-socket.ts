import { SandboxError } from "../../contract/errors.ts";
import type { FaceSocket, Peer } from "../../engine/face.ts";
import type { Log } from "../../engine/ports.ts";
import { DaytonaFault } from "./faults.ts";

/** The codes that RFC 6455 has for these. */
export const CLOSE = { done: 1_000, policy: 1_008, failed: 1_011 } as const;

// A closing frame has room for no more.
const REASON_BYTES = 123;
// Above it nothing more is sent until the other end has taken some.
const HIGH_WATER_BYTES = 256 * 1_024;

/** Sends the pieces as they come, one frame each, and closes at their end; a reader that leaves ends them. */
export function streamSocket(
  log: Log,
  pieces: (signal: AbortSignal) => AsyncGenerator<Uint8Array | string, void, void>,
): FaceSocket {
  return {
    open(peer) {
      const leaving = new AbortController();
      void pump(peer, pieces(leaving.signal), log);
      return { message() {}, closed: () => leaving.abort() };
    },
  };
}

async function pump(
  peer: Peer,
  pieces: AsyncGenerator<Uint8Array | string, void, void>,
  log: Log,
): Promise<void> {
  try {
    for await (const piece of pieces) await sendSlowly(peer, piece);
    peer.close(CLOSE.done);
  } catch (error) {
    peer.close(CLOSE.failed, reasonOf(error, log));
  }
}

/** Resolves when there is room for the next frame. */
export async function sendSlowly(peer: Peer, piece: Uint8Array | string): Promise<void> {
  peer.send(piece);
  if (peer.bufferedBytes > HIGH_WATER_BYTES) await peer.drained();
}

/** A message as a closing frame takes it, in whatever shape: as much of it as there is room for. */
export function closeReason(
  message: string,
  present: (shown: string) => string = (shown) => shown,
): string {
  let shown = message.slice(0, REASON_BYTES);
  while (Buffer.byteLength(present(shown)) > REASON_BYTES) shown = shown.slice(0, -1);
  return present(shown);
}

/** What a closing frame says of an error: nothing of what was not foreseen, which goes to the log. */
export function reasonOf(error: unknown, log: Log): string {
  if (error instanceof DOMException && error.name === "AbortError") return "";
  const isKnown =
    error instanceof DaytonaFault || (SandboxError.is(error) && error.code !== "internal");
  if (isKnown) return closeReason(error.message);
  log.warn("a WebSocket failed for a reason that was not foreseen", {
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return "failed for a reason that was not foreseen";
}
