import { tool } from "ai";
import { Sandbox } from "sandlot";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { attempt } from "./tool-error.ts";

/** Makes the project's sandbox, or starts the one that it has. */
export function createSandboxTool(workspace: AgentWorkspace) {
  return tool({
    description:
      "Creates the project's sandbox, a Linux machine of its own, or starts it again. Call it once before everything else; it is safe to call it again.",
    inputSchema: TOOLS.createSandbox.input,
    outputSchema: TOOLS.createSandbox.output,
    execute: (_input, { abortSignal }) =>
      attempt("create the sandbox", abortSignal, async () => {
        let existed = true;
        const { newSandbox } = workspace;
        const sandbox = await Sandbox.getOrCreate({
          ...newSandbox,
          name: workspace.sandboxId() ?? newSandbox.name,
          resume: true,
          onCreate: async () => {
            existed = false;
          },
          ...(abortSignal && { signal: abortSignal }),
        });
        if (workspace.sandboxId() !== sandbox.name || !existed) {
          workspace.sandboxCreated(sandbox.name);
        }
        const ports = newSandbox.ports.map((port) => ({ port, url: sandbox.domain(port) }));
        return { sandboxId: sandbox.name, ports, existed };
      }),
  });
}
