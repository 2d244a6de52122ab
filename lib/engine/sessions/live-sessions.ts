import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { Root } from "../ports.ts";

/** A session whose root is ready: what commands, files and terminals work on. */
export interface LiveSession {
  readonly session: Session;
  readonly sandbox: Sandbox;
  readonly root: Root;
  /** The sandbox's variables; those of secrets hold placeholders. */
  readonly env: Readonly<Record<string, string>>;
  /** As whom commands run that name nobody; absent: as the sandbox's default user. */
  readonly user?: string;
  /** Aborted when the session begins to stop. */
  readonly ending: AbortSignal;
}

/** Gives running sessions to the rooms that act on them. */
export interface LiveSessions {
  /**
   * The running session, which counts as used. Throws session_not_found, sandbox_stopped, sandbox_stopping,
   * sandbox_snapshotting, sandbox_paused.
   */
  require(sessionId: string): Promise<LiveSession>;
  /** Runs what puts something into the session, with all that `require` throws; a pause waits for it. */
  enter<T>(sessionId: string, task: (live: LiveSession) => Promise<T>): Promise<T>;
  /** Whether such a session was ever made (its commands stay readable). Throws session_not_found. */
  known(sessionId: string): Session;
  /** Whether nothing in it runs, or can end. */
  isFrozen(sessionId: string): boolean;
  /** The session counts as used until the result is disposed of. */
  inUse(sessionId: string): Disposable;
}
