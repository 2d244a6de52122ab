import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import type { Usage } from "../../contract/usage.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

/** A session that is over, and what that made of its sandbox. */
export interface Ended {
  session: Session;
  sandbox: Sandbox;
  snapshot?: Snapshot;
}

/** The records of a session that ended at a time, by what it has used and what was kept of it. */
export function endedRecords(
  { session, sandbox }: { session: Session; sandbox: Sandbox },
  end: { at: number; snapshot?: Snapshot; usage?: Usage | undefined; aborted?: boolean },
): Ended {
  const { at: now } = end;
  const {
    capturingSnapshotId: _capturing,
    root: _root,
    endsPaused,
    pausedAt = now,
    pausedMs = 0,
    ...rest
  } = session;
  const frozenMs = pausedMs + Math.max(0, now - pausedAt);
  const durationMs = now - (session.startedAt ?? session.createdAt) - frozenMs;
  const used = {
    activeCpuMs: end.usage?.cpuMs ?? 0,
    ingressBytes: end.usage?.ingressBytes ?? 0,
    egressBytes: end.usage?.egressBytes ?? 0,
  };
  const measured = withoutUndefined({
    memoryPeakBytes: end.usage?.memoryPeakBytes,
    diskBytes: end.snapshot?.sizeBytes,
  });
  return {
    session: {
      ...rest,
      ...(end.aborted
        ? { status: "aborted" as const, abortedAt: now }
        : { status: "stopped" as const, stoppedAt: now, ...used, ...measured }),
      updatedAt: now,
      ...(frozenMs > 0 && { pausedMs: frozenMs }),
      durationMs,
    },
    sandbox: {
      ...sandbox,
      status: endsPaused && !end.aborted ? "paused" : "stopped",
      statusUpdatedAt: now,
      updatedAt: now,
      ...(end.snapshot && { currentSnapshotId: end.snapshot.id }),
      totals: {
        activeCpuMs: sandbox.totals.activeCpuMs + used.activeCpuMs,
        ingressBytes: sandbox.totals.ingressBytes + used.ingressBytes,
        egressBytes: sandbox.totals.egressBytes + used.egressBytes,
        durationMs: sandbox.totals.durationMs + durationMs,
      },
    },
    ...(end.snapshot && { snapshot: end.snapshot }),
  };
}
