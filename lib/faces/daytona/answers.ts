import { SandboxError } from "../../contract/errors.ts";
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

const MEBI = 1_024 * 1_024;

/**
 * Of all text that is held whole for one answer, or to be rewritten: as JSON it may become six times as long, which a
 * string of the platform's (512 Mi characters) still holds.
 */
export const TEXT_LENGTH = 64 * MEBI;

/** Throws `too_large` for what a command wrote, in each of the ways in which one answer tells it, if that is too much. */
export function mustFit(written: Record<string, string>): void {
  const length = Object.values(written).reduce((sum, text) => sum + text.length, 0);
  if (length <= TEXT_LENGTH) return;
  throw new SandboxError(
    "too_large",
    `What the command wrote is more than the ${TEXT_LENGTH / MEBI} Mi characters that one answer holds; run it in a session and follow its log, or let it write to a file.`,
  );
}

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

export function json(body: unknown, { status = 200 }: { status?: number } = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_HEADERS });
}

/** An answer that says only that it is done. */
export function done(status: 200 | 201 | 204 = 200): Response {
  return new Response(null, { status });
}
