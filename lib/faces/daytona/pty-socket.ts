import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { Environment, type Session } from "../../contract/sandbox.ts";
import type { TerminalView } from "../../contract/terminal.ts";
import type { Engine, SandboxView } from "../../engine/engine.ts";
import type { FaceSocket, Peer, RequestHead } from "../../engine/face.ts";
import { checkFields, queryFields } from "../../engine/face-request.ts";
import { DaytonaFault } from "./faults.ts";
import { offeredProtocols } from "./offered-protocols.ts";
import { TOKEN_QUERY } from "./credentials.ts";
import { findPty, PtyRequest, startPty } from "./pty-endpoints.ts";
import { CLOSE, closeReason, sendSlowly } from "./stream-socket.ts";

/** A client that offers it is told of the end before the connection's. */
const EXIT_CONTROL = "X-Daytona-Pty-Exit-Control";
/** Before variables as JSON in base64url: a browser can send no others with a WebSocket. */
const VARIABLES = "X-Daytona-Pty-Envs~";

const PtyQuery = PtyRequest.omit({ envs: true, lazyStart: true }).extend({
  cols: z.coerce.number().pipe(PtyRequest.shape.cols.unwrap()).default(80),
  rows: z.coerce.number().pipe(PtyRequest.shape.rows.unwrap()).default(24),
});

type Terminals = Pick<Engine, "terminals">;

/** A new terminal and the connection to it in one. */
export async function newPty(
  engine: Terminals,
  { sandbox, session }: SandboxView,
  request: RequestHead,
): Promise<FaceSocket> {
  return orRefused(
    request,
    async () => {
      const query = queryFields(new URL(request.url), {
        isIgnored: (name) => name === TOKEN_QUERY,
      });
      const wanted = {
        ...checkFields(PtyQuery, query, "a new terminal"),
        envs: variablesOf(request),
      };
      return startPty(engine, { sandbox, session, wanted });
    },
    (terminal) => ptySocket(engine, session, { terminal, request }),
  );
}

/** One of several that look on at a terminal; each may write. */
export async function connectedPty(
  engine: Terminals,
  session: Session,
  { id, request }: { id: string; request: RequestHead },
): Promise<FaceSocket> {
  return orRefused(
    request,
    async () => findPty(engine, session, id),
    (terminal) => ptySocket(engine, session, { terminal, request }),
  );
}

/** The vendor's clients read why there is none from a frame: of an answer without a connection they tell only the status. */
async function orRefused(
  request: RequestHead,
  find: () => Promise<TerminalView>,
  socketOf: (terminal: TerminalView) => FaceSocket,
): Promise<FaceSocket> {
  try {
    return socketOf(await find());
  } catch (error) {
    if (!(error instanceof DaytonaFault) && !SandboxError.is(error)) throw error;
    const { message } = error;
    return {
      ...protocolOf(request),
      open(peer) {
        peer.send(control({ status: "error", error: message }));
        peer.close(
          CLOSE.policy,
          closeReason(message, (error) => JSON.stringify({ error })),
        );
        return { message() {}, closed() {} };
      },
    };
  }
}

function ptySocket(
  engine: Terminals,
  session: Session,
  { terminal, request }: { terminal: TerminalView; request: RequestHead },
): FaceSocket {
  const tellsExit = offeredProtocols(request).includes(EXIT_CONTROL);
  return {
    ...protocolOf(request),
    open(peer) {
      const leaving = new AbortController();
      void relay(engine, { session, id: terminal.id, peer, tellsExit, signal: leaving.signal });
      let written = Promise.resolve();
      return {
        message(data) {
          const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
          // In order; what is written to one that has gone is lost, and its end is told anyway.
          written = written
            .then(() => engine.terminals.write(session.id, terminal.id, bytes))
            .catch(() => undefined);
        },
        closed: () => leaving.abort(),
      };
    },
  };
}

interface Relay {
  session: Session;
  id: string;
  peer: Peer;
  tellsExit: boolean;
  signal: AbortSignal;
}

/** Shows what the terminal shows until it ends, then how it did. Never rejects. */
async function relay(
  { terminals }: Terminals,
  { session, id, peer, tellsExit, signal }: Relay,
): Promise<void> {
  peer.send(control({ status: "connected" }));
  try {
    for await (const piece of terminals.attach(session.id, id, { signal })) {
      await sendSlowly(peer, piece);
    }
    const exitCode = await terminals.wait(session.id, id, { signal });
    const end = { exitCode, ...(exitCode !== 0 && { exitReason: exitReason(exitCode) }) };
    if (tellsExit) peer.send(control({ status: "exited", ...end }));
    peer.close(CLOSE.done, JSON.stringify(end));
  } catch {
    // The client has left, or the sandbox ended with all that was to be told of the terminal.
    peer.close(CLOSE.failed, JSON.stringify({ error: "the terminal is gone" }));
  }
}

function exitReason(exitCode: number): string {
  return exitCode > 128 ? `ended by signal ${exitCode - 128}` : `ended with exit code ${exitCode}`;
}

function control(message: Record<string, unknown>): string {
  return JSON.stringify({ type: "control", ...message });
}

function protocolOf(request: RequestHead): Pick<FaceSocket, "protocol"> {
  return offeredProtocols(request).includes(EXIT_CONTROL) ? { protocol: EXIT_CONTROL } : {};
}

function variablesOf(request: RequestHead): Record<string, string> {
  const token = offeredProtocols(request).find((protocol) => protocol.startsWith(VARIABLES));
  if (token === undefined) return {};
  const text = Buffer.from(token.slice(VARIABLES.length), "base64url").toString("utf8");
  try {
    return Environment.parse(JSON.parse(text));
  } catch (error) {
    throw new SandboxError(
      "invalid_request",
      `${VARIABLES} must hold variables as JSON in base64url.`,
      {
        cause: error,
      },
    );
  }
}
