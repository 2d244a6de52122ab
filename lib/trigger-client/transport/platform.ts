import type { HostedSandbox } from "../../contract/carrier.ts";

/** The Session that stands for one sandbox, and the run that holds it. */
export interface HostSession {
  id: string;
  /** The last run that was started for it. */
  runId: string | undefined;
  /** What its host told last; undefined before it held a sandbox. */
  hosted: HostedSandbox | undefined;
}

/** How far the run is: `waiting` for a machine to run on, `live`, or `ended`. */
export interface RunState {
  phase: "waiting" | "live" | "ended";
  /** In the platform's words. */
  status: string;
}

/** What the transport needs of Trigger.dev. Every method throws `engine_unavailable` when it cannot be asked. */
export interface TriggerPlatform {
  /** The session of the sandbox of that name with a run that is not ended; both are made if need be. */
  start(name: string): Promise<HostSession>;
  find(name: string): Promise<HostSession | undefined>;
  list(): AsyncIterable<HostSession>;
  /** The name is free again; nobody finds the session by it. */
  forget(session: HostSession): Promise<void>;
  /** Throws `sandbox_not_found` when the session is closed. */
  send(session: HostSession, record: string): Promise<void>;
  /**
   * The records for that caller from the given one on, as they come. Ends with the signal, and when nothing
   * came for a while.
   */
  answers(
    runId: string,
    options: { caller: string; from: number; signal: AbortSignal },
  ): AsyncIterable<unknown>;
  state(runId: string): Promise<RunState>;
}
