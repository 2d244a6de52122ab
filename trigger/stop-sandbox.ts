import { OPERATION_LIMITS } from "sandlot/contract";
import { openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";
import { statusOf } from "./sandbox-status.ts";

/** Stops a sandbox with all that runs in it, and deletes it if that is asked. */
export const stopSandbox = operationTask("stop-sandbox", {
  description: "Stops a sandbox, and deletes it if `delete` is true. Safe to run again.",
  // A persistent sandbox's files are kept before it is stopped.
  answerMs: OPERATION_LIMITS.createMs,
  asked: ({ sandboxId }) => `stop the sandbox ${sandboxId}`,
  notFound: "sandbox_not_found",
  async run({ sandboxId, delete: isDelete }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const previousStatus = statusOf(sandbox);
    if (isDelete) {
      await sandbox.delete({ deleteOrphanSnapshots: true, signal });
      return { sandboxId, previousStatus, status: "deleted" as const };
    }
    if (previousStatus !== "stopped") await sandbox.stop({ signal });
    const { currentSnapshotId: snapshotId } = sandbox;
    return {
      sandboxId,
      previousStatus,
      status: "stopped" as const,
      ...(snapshotId !== undefined && { snapshotId }),
    };
  },
});
