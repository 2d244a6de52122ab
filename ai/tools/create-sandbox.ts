import { tool } from "ai";
import { TOOLS } from "../../studio/contract/tools.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Makes the project's sandbox, or starts the one that it has. */
export function createSandboxTool(context: ToolContext) {
  return tool({
    description:
      "Creates the project's sandbox, a Linux machine of its own, or starts it again. Call it once before everything else; it is safe to call it again.",
    inputSchema: TOOLS.createSandbox.input,
    outputSchema: TOOLS.createSandbox.output,
    execute: (_input, call) =>
      attempt("create the sandbox", call.abortSignal, async () => {
        const { workspace, sandboxes } = context;
        const { newSandbox } = workspace;
        const name = workspace.sandboxId() ?? newSandbox.name;
        const made = await sandboxes.getOrCreate({ ...newSandbox, name }, call);
        if (workspace.sandboxId() !== made.sandboxId || !made.existed) {
          workspace.sandboxCreated(made.sandboxId);
        }
        return made;
      }),
  });
}
