import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { FaceContext } from "../../engine/face.ts";
import type { Log } from "../../engine/ports.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { FaultContext } from "./faults.ts";

/** What every part of the face stands on. */
export interface E2bContext extends FaceContext {
  tokens: AccessTokens;
}

/** A sandbox that runs. */
export interface SandboxTarget {
  sandbox: Sandbox;
  session: Session;
}

/**
 * One of the services that the vendor runs inside each of its sandboxes, and that are answered here in
 * the sandbox's stead. Whether the caller holds the sandbox's token is the service's to ask. It answers
 * errors in its own shape and rejects only with the reason of the request's own signal.
 */
export interface SandboxService {
  fetch(request: Request, target: SandboxTarget): Promise<Response>;
}

/** A request to a service, with the path that it is for. */
export interface ServiceTarget extends SandboxTarget {
  pathname: string;
}

/** The service of an `answer` that may throw, which `failed` then tells in the service's own shape. */
export function sandboxService(
  answer: (request: Request, target: ServiceTarget) => Promise<Response>,
  { log, failed }: { log: Log; failed: (error: unknown, context: FaultContext) => Response },
): SandboxService {
  return {
    async fetch(request, target) {
      const { pathname } = new URL(request.url);
      try {
        return await answer(request, { ...target, pathname });
      } catch (error) {
        request.signal.throwIfAborted();
        return failed(error, { log, during: `${request.method} ${pathname}` });
      }
    },
  };
}
