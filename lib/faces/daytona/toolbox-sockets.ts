import { SandboxError } from "../../contract/errors.ts";
import type { SandboxView } from "../../engine/engine.ts";
import type { FaceSocket } from "../../engine/face.ts";
import type { DaytonaContext } from "./answers.ts";
import { checkProof } from "./credentials.ts";
import { entrypointCommand } from "./entrypoint.ts";
import { findSandbox } from "./find-sandbox.ts";
import { interpreterSocket } from "./interpreter-socket.ts";
import { markedBytes } from "./marked-output.ts";
import { offeredProtocols } from "./offered-protocols.ts";
import { connectedPty, newPty } from "./pty-socket.ts";
import { streamSocket } from "./stream-socket.ts";
import { decodedPart, toolboxPath } from "./toolbox-path.ts";

type Connect = (
  view: SandboxView,
  call: { context: DaytonaContext; request: Request; parts: string[] },
) => FaceSocket | Promise<FaceSocket>;

/** What of a toolbox is a WebSocket; each bracket in a path is a part of it. */
const SOCKETS: readonly { path: RegExp; connect: Connect }[] = [
  {
    path: /^\/process\/pty\/create-connect$/,
    connect: (view, { context, request }) => newPty(context.engine, view, request),
  },
  {
    path: /^\/process\/pty\/([^/]+)\/connect$/,
    connect: ({ session }, { context, request, parts: [id = ""] }) =>
      connectedPty(context.engine, session, { id, request }),
  },
  {
    path: /^\/process\/session\/entrypoint\/logs$/,
    connect: (view, { context }) => {
      const command = entrypointCommand(context.engine, view);
      return logSocket(context, view, command?.id);
    },
  },
  {
    path: /^\/process\/session\/([^/]+)\/command\/([^/]+)\/logs$/,
    async connect(view, { context, parts: [sessionId = "", commandId = ""] }) {
      const { id } = await context.shells.line(view.session, sessionId, commandId);
      return logSocket(context, view, id);
    },
  },
  {
    path: /^\/process\/interpreter\/execute$/,
    connect: ({ session }, { context }) => interpreterSocket(context, session),
  },
];

/** Takes a WebSocket to a sandbox's toolbox, or throws what stands against it. */
export async function connectToolbox(
  request: Request,
  context: DaytonaContext,
): Promise<FaceSocket> {
  const target = toolboxPath(request);
  for (const { path, connect } of target ? SOCKETS : []) {
    const parts = path.exec(target?.path ?? "");
    if (!target || !parts) continue;
    const view = await findSandbox(context, target.sandboxId);
    checkProof(request, { sandbox: view.sandbox, keys: context, nowMs: context.clock.now() });
    const socket = await connect(view, {
      context,
      request,
      parts: parts.slice(1).map(decodedPart),
    });
    const [first] = offeredProtocols(request);
    // A client that offers some gives up on a server that takes none.
    return socket.protocol === undefined && first !== undefined
      ? { ...socket, protocol: first }
      : socket;
  }
  const { pathname } = new URL(request.url);
  throw new SandboxError("not_found", `There is no WebSocket at ${pathname}.`);
}

function logSocket(
  { engine, log }: DaytonaContext,
  { session }: SandboxView,
  commandId: string | undefined,
): FaceSocket {
  return streamSocket(log, (signal) =>
    commandId === undefined
      ? nothing()
      : markedBytes(engine, { sessionId: session.id, commandId, signal }),
  );
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}
