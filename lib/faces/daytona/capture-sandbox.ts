import type { SandboxView, Waiting } from "../../engine/engine.ts";
import type { DaytonaContext } from "./answers.ts";

/**
 * The sandbox's files as they are now, as a snapshot of the engine's; undefined for one that has none: a new one
 * that was never stopped keeps none. What runs in it goes on.
 */
export async function captureSandbox(
  { engine }: Pick<DaytonaContext, "engine">,
  { sandbox, session }: Pick<SandboxView, "sandbox" | "session">,
  { signal }: Waiting,
): Promise<string | undefined> {
  signal?.throwIfAborted();
  if (sandbox.status !== "running" && session.status !== "paused") return sandbox.currentSnapshotId;
  const { snapshot } = await engine.sessions.snapshot(session.id, { expirationMs: 0 });
  await engine.sandboxes.get(sandbox.name, { resume: true });
  return snapshot.id;
}
