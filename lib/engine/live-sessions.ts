import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { Root } from "./ports.ts";

/** A session whose root is ready: what commands, files and terminals work on. */
export interface LiveSession {
  readonly session: Session;
  readonly sandbox: Sandbox;
  readonly root: Root;
  /** Aborted when the session begins to stop. */
  readonly ending: AbortSignal;
}

/** Gives running sessions to the rooms that act on them. */
export interface LiveSessions {
  /** The running session. Throws session_not_found, sandbox_stopped, sandbox_stopping, sandbox_snapshotting. */
  require(sessionId: string): Promise<LiveSession>;
  /** Whether such a session was ever made (its commands stay readable). Throws session_not_found. */
  known(sessionId: string): Session;
}
