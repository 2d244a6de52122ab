import type { Face, FaceContext, RequestHead, SocketForward } from "../../engine/face.ts";
import { abortable } from "../../std/abortable.ts";
import { accessTokens } from "./access-tokens.ts";
import { refusal } from "./answers.ts";
import { controlApi } from "./control/control-api.ts";
import { envdService } from "./envd/envd-service.ts";
import { wireError } from "./faults.ts";
import { interpreterService } from "./interpreter/interpreter-service.ts";
import { ENVD_PORT, INTERPRETER_PORT, portAddress, SandboxPorts } from "./sandbox-ports.ts";
import type { E2bContext } from "./sandbox-service.ts";
import { isSignedLink, signedFiles } from "./signed-files.ts";

const SANDBOX_PATH = /^(?:\/v2)?\/sandboxes\/([a-z0-9]+)(?:\/|$)/;

/**
 * The e2b API: the control API below the face's root, the sandboxes' own services and ports for requests
 * that name a sandbox by header or host name, and signed links to files, which name none.
 */
export function e2bFace(given: FaceContext): Face {
  const context: E2bContext = { ...given, tokens: accessTokens(given.secret("e2b tokens")) };
  const { log } = context;
  const envd = envdService(context);
  const services = new Map([
    [ENVD_PORT, envd],
    [INTERPRETER_PORT, interpreterService(context)],
  ]);
  const ports = new SandboxPorts({ context, services });
  const links = signedFiles(context, envd);
  const control = controlApi(context);

  async function answer(request: Request): Promise<Response> {
    const address = portAddress(request);
    if (address) return ports.fetch(request, address);
    return (isSignedLink(request) ? links : control).fetch(request);
  }

  async function connect(request: Request): Promise<Response | SocketForward> {
    const address = portAddress(request);
    if (address) return ports.connect(request, address);
    return refusal({ code: 404, message: "There is no WebSocket here." });
  }

  async function orRefused<Answer>(
    request: Request,
    asked: Promise<Answer>,
  ): Promise<Answer | Response> {
    try {
      return await asked;
    } catch (error) {
      request.signal.throwIfAborted();
      const during = `${request.method} ${new URL(request.url).pathname}`;
      return refusal(wireError(error, { log, during }));
    }
  }

  return {
    async fetch(request) {
      request.signal.throwIfAborted();
      const answered = orRefused(request, answer(request));
      try {
        return await abortable(answered, request.signal);
      } catch (error) {
        // The answer that nobody waits for any more must not keep a reader of the engine's open.
        void answered.then(({ body }) => body?.cancel(error)).catch(() => undefined);
        throw error;
      }
    },
    connect: (request) => orRefused(request, connect(request)),
    sandboxOf: (request) => {
      const address = portAddress(request);
      const id = address?.sandboxId ?? SANDBOX_PATH.exec(new URL(request.url).pathname)?.[1];
      return id === undefined ? undefined : { id };
    },
    admits: provesItself,
    refuse: (_request, { status, message }) => refusal({ code: status, message }),
  };
}

/** Whether a request carries a proof of its own, which the account's key has no part in. */
function provesItself(request: RequestHead): boolean {
  if (portAddress(request)) return true;
  if (isSignedLink(request)) return true;
  const { pathname } = new URL(request.url);
  return pathname.startsWith("/volumecontent/") || pathname.startsWith("/uploads/");
}
