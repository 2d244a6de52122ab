import type { SandboxView, Waiting } from "../../engine/engine.ts";
import type { DaytonaContext } from "./answers.ts";

/**
 * Does something with the sandbox's files as they are now: with a snapshot of the engine's, which is there only
 * meanwhile; undefined for a sandbox that has none, because it never ran. What runs in it goes on.
 */
export async function withFilesOf<Result>(
  { engine, turns }: Pick<DaytonaContext, "engine" | "turns">,
  { sandbox, session }: Pick<SandboxView, "sandbox" | "session">,
  { signal, use }: Waiting & { use: (snapshotId: string | undefined) => Promise<Result> },
): Promise<Result> {
  signal?.throwIfAborted();
  const isLive = session.status === "running" || session.status === "paused";
  if (!isLive) return use(sandbox.currentSnapshotId);
  // One at a time: a sandbox of this face keeps one snapshot, so that the next would take the one before away.
  return turns.run(`files of ${sandbox.id}`, async () => {
    signal?.throwIfAborted();
    const { snapshot } = await engine.sessions.snapshot(session.id, {
      expirationMs: 0,
      keepRunning: true,
      method: "automatic",
    });
    try {
      return await use(snapshot.id);
    } finally {
      await engine.snapshots.delete(snapshot.id);
    }
  });
}
