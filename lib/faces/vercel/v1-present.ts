import type { Command } from "../../contract/command.ts";
import type { Session, SessionStatus } from "../../contract/sandbox.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import { presentCommand, presentSnapshot } from "./present-records.ts";
import { presentSession } from "./present-sandbox.ts";

// The oldest clients know five words, and refuse an answer with any other.
const STATUS: Record<SessionStatus, "pending" | "running" | "stopping" | "stopped" | "failed"> = {
  pending: "pending",
  running: "running",
  stopping: "stopping",
  snapshotting: "stopping",
  stopped: "stopped",
  paused: "stopped",
  failed: "failed",
  aborted: "failed",
};

/** In this dialect a sandbox is its one session, under the sandbox's name. */
export function presentV1Sandbox(session: Session) {
  const { sourceSandboxName, ...fields } = presentSession(session);
  return {
    ...fields,
    id: sourceSandboxName,
    status: STATUS[session.status],
  };
}

export function presentV1Command(command: Command) {
  const { sessionId: _sessionId, ...fields } = presentCommand(command);
  return { ...fields, sandboxId: command.sandboxName };
}

export function presentV1Snapshot(snapshot: Snapshot) {
  const { sourceSessionId: _sourceSessionId, ...fields } = presentSnapshot(snapshot);
  return { ...fields, sourceSandboxId: snapshot.sandboxName };
}
