import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { FaceContext } from "../../engine/face.ts";
import type { Call, Endpoint } from "../../engine/face-request.ts";
import type { KeyedMutex } from "../../std/keyed-mutex.ts";
import type { DefaultContexts } from "./default-contexts.ts";
import type { PreviewGates } from "./preview-gates.ts";
import type { ShellSessions } from "./shell-sessions.ts";

/** What the endpoints of the face stand on. */
export interface DaytonaContext extends FaceContext {
  previews: PreviewGates;
  shells: ShellSessions;
  defaultContexts: DefaultContexts;
  /** One change at a time of a sandbox, one use of its files, and one build of what two ask for at once. */
  turns: KeyedMutex;
}

/** A request to the toolbox of a running sandbox. */
export interface ToolboxCall extends Call {
  sandbox: Sandbox;
  session: Session;
}

export interface ToolboxEndpoint extends Omit<Endpoint, "answer"> {
  answer: (call: ToolboxCall) => Promise<Response>;
}

/**
 * Of one text that is held whole, as an answer or to be rewritten: as JSON it may become six times as long, which a
 * string of the platform's (512 Mi characters) still holds.
 */
export const TEXT_LENGTH = 64 * 1_024 * 1_024;

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

export function json(body: unknown, { status = 200 }: { status?: number } = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });
}

/** An answer that says only that it is done. */
export function done(status: 200 | 201 | 204 = 200): Response {
  return new Response(null, { status });
}
