import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { Environment, type Session } from "../../contract/sandbox.ts";
import type { FaceSocket, Peer } from "../../engine/face.ts";
import { type InterpreterEvent, interpreters } from "../../engine/interpreters.ts";
import type { DaytonaContext } from "./answers.ts";
import { CLOSE, reasonOf, sendSlowly } from "./stream-socket.ts";

const Execute = z.object({
  code: z.string().min(1),
  contextId: z.string().optional(),
  envs: Environment.optional(),
  /** Seconds; 0 means for ever. */
  timeout: z.number().nonnegative().nullish(),
});

/** What the vendor gives to code of which nothing is said. */
const DEFAULT_TIMEOUT_S = 600;
// A timer of the platform's goes no further, and one that is set further is over at once: 24 days.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Interpreting = Pick<DaytonaContext, "engine" | "log" | "defaultContexts">;

/** The first frame says which code to run; what it does follows, and a frame that it is done. */
export function interpreterSocket(context: Interpreting, session: Session): FaceSocket {
  return {
    open(peer) {
      const leaving = new AbortController();
      let isAsked = false;
      return {
        message(data) {
          // One connection is one piece of code.
          if (isAsked) return;
          isAsked = true;
          void execute(context, session, { peer, data, leaving: leaving.signal });
        },
        closed: () => leaving.abort(),
      };
    },
  };
}

interface Execution {
  peer: Peer;
  data: string | Uint8Array;
  leaving: AbortSignal;
}

/** Never rejects. */
async function execute(
  context: Interpreting,
  session: Session,
  { peer, data, leaving }: Execution,
): Promise<void> {
  const contexts = interpreters(context.engine);
  let late: AbortSignal | undefined;
  try {
    const { code, contextId, envs, timeout } = readFrame(data);
    const id = contextId ?? (await context.defaultContexts.of(session, { signal: leaving }));
    const timeoutMs = Math.ceil((timeout ?? DEFAULT_TIMEOUT_S) * 1_000);
    if (timeoutMs > 0) late = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
    const signal = AbortSignal.any([leaving, ...(late ? [late] : [])]);
    const request = { contextId: id, code, ...(envs && { env: envs }) };
    for await (const event of contexts.execute(session.id, request, { signal })) {
      const frame = frameOf(event);
      if (frame) await sendSlowly(peer, JSON.stringify(frame));
    }
    peer.send(JSON.stringify({ type: "control", text: "completed" }));
    peer.close(CLOSE.done);
  } catch (error) {
    if (late?.aborted) {
      peer.send(JSON.stringify({ type: "control", text: "interrupted" }));
      peer.close(CLOSE.done);
    } else {
      peer.close(CLOSE.failed, reasonOf(error, context.log));
    }
  }
}

/** What the vendor's clients know; a value that is shown is text for them. */
function frameOf(event: InterpreterEvent): Record<string, string> | undefined {
  switch (event.type) {
    case "stdout":
    case "stderr":
      return { type: event.type, text: event.text };
    case "error":
      return { type: "error", name: event.name, value: event.value, traceback: event.traceback };
    case "result":
    case "count":
      return undefined;
  }
}

function readFrame(data: string | Uint8Array): z.output<typeof Execute> {
  const text = typeof data === "string" ? data : new TextDecoder().decode(data);
  try {
    return Execute.parse(JSON.parse(text));
  } catch (error) {
    throw new SandboxError(
      "invalid_request",
      "The first frame must be JSON with the code to run.",
      {
        cause: error,
      },
    );
  }
}
