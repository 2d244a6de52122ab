import { OPERATION_LIMITS } from "sandlot/contract";
import { openSandbox, reachedPorts } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";
import { statusOf } from "./sandbox-status.ts";

/** Tells how a sandbox stands, without starting it. */
export const getSandboxStatus = operationTask("get-sandbox-status", {
  description: "Tells how a sandbox stands. A stopped one stays stopped.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ sandboxId }) => `look at the sandbox ${sandboxId}`,
  notFound: "sandbox_not_found",
  async run({ sandboxId }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const status = statusOf(sandbox);
    return {
      sandboxId,
      status,
      persistent: sandbox.persistent,
      ports: reachedPorts(sandbox),
      cwd: sandbox.cwd,
      ...(sandbox.vcpus !== undefined && { vcpus: sandbox.vcpus }),
      ...(sandbox.memory !== undefined && { memoryMb: sandbox.memory }),
      createdAt: sandbox.createdAt.getTime(),
      updatedAt: sandbox.updatedAt.getTime(),
      ...(status === "running" && sandbox.expiresAt && { expiresAt: sandbox.expiresAt.getTime() }),
    };
  },
});
