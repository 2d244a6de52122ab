import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { FaceContext } from "../../engine/face.ts";
import type { AccessTokens } from "./access-tokens.ts";

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
