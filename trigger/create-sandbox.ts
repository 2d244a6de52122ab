import { Sandbox } from "sandlot";
import { OPERATION_LIMITS } from "sandlot/contract";
import { reachedPorts } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";
import { statusOf } from "./sandbox-status.ts";

/** Makes a sandbox, or finds the one of that name. */
export const createSandbox = operationTask("create-sandbox", {
  description: "Creates a sandbox, or finds the one of that id. Safe to run again.",
  answerMs: OPERATION_LIMITS.createMs,
  asked: ({ sandboxId }) => `create the sandbox${sandboxId ? ` ${sandboxId}` : ""}`,
  notFound: "snapshot_not_found",
  async run({ sandboxId, timeoutMs, vcpus, image, runtime, ...rest }, { ctx, signal }) {
    let created = false;
    // Another attempt of this run finds what the first one made.
    const name = sandboxId ?? ctx.run.id.replaceAll("_", "-");
    // The vendor's type is a union over what a source allows beside it; the engine says what does not fit.
    const params = {
      ...rest,
      name,
      timeout: timeoutMs,
      resources: { vcpus },
      ...(image === undefined ? { runtime } : { image }),
      resume: true,
      signal,
      onCreate: async () => {
        created = true;
      },
    } as Parameters<typeof Sandbox.getOrCreate>[0];
    const sandbox = await Sandbox.getOrCreate(params);
    return { sandboxId: name, created, status: statusOf(sandbox), ports: reachedPorts(sandbox) };
  },
});
