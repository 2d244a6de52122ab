import { isFinal, type Run } from "../store/run.ts";
import type { Session } from "../store/session-store.ts";
import type { Engine } from "./engine.ts";
import { triggerRun } from "./trigger-run.ts";

/** What a new run of a session is told besides the session's own payload. */
interface Continuation {
  continuation?: true;
  previousRunId?: string;
}

/** The run that serves the session; a new one when the last is over. */
export function ensureRun(engine: Engine, session: Session): Run {
  const current =
    session.currentRunId === undefined ? undefined : engine.runs.find(session.currentRunId);
  if (current && !isFinal(current)) return current;
  return startRun(
    engine,
    session,
    current ? { continuation: true, previousRunId: current.id } : {},
  );
}

/** Starts a run that takes the session over. */
export function startRun(engine: Engine, session: Session, continuation: Continuation): Run {
  const { basePayload, idleTimeoutInSeconds, queue, ...options } = session.triggerConfig;
  const payload = {
    ...basePayload,
    ...(idleTimeoutInSeconds !== undefined && { idleTimeoutInSeconds }),
    ...continuation,
    sessionId: session.id,
  };
  const { run } = triggerRun(engine, {
    task: session.task,
    body: {
      payload: JSON.stringify(payload),
      options: {
        ...options,
        ...(queue !== undefined && { queue: { name: queue } }),
        payloadType: "application/json",
      },
    },
  });
  session.currentRunId = run.id;
  engine.sessions.save(session);
  return run;
}

/** Whether nothing can be sent to the session any more. */
export function isClosed({ closedAt, expiresAt }: Session): boolean {
  return closedAt !== undefined || (expiresAt !== undefined && expiresAt <= Date.now());
}
