import { isStepCount, ToolLoopAgent } from "ai";
import type { StudioAgentOptions } from "../studio/contract/agent.ts";
import { TOOLS_TO_ASK_FOR } from "../studio/contract/tools.ts";
import { instructions } from "./prompts/instructions.ts";
import { sdkSandboxes } from "./tools/sdk-sandboxes.ts";
import type { Sandboxes } from "./tools/project-sandbox.ts";
import { studioTools } from "./tools/studio-tools.ts";

/**
 * The agent that builds a project's app. It ends by itself when the model has nothing left to do or the
 * steps are used up; aborting a run ends the model's request and the command that a tool waits for.
 */
export function createStudioAgent({
  model,
  projectType,
  approval,
  workspace,
  maxSteps,
  sandboxes = sdkSandboxes,
}: StudioAgentOptions & { sandboxes?: Sandboxes }): ToolLoopAgent<
  never,
  ReturnType<typeof studioTools>
> {
  return new ToolLoopAgent({
    model,
    instructions: instructions(projectType),
    tools: studioTools(workspace, sandboxes),
    // In the order in which the model gave them: a file is written before the command that needs it runs.
    toolCallConcurrency: 1,
    stopWhen: isStepCount(maxSteps),
    ...(approval === "ask" && {
      toolApproval: Object.fromEntries(
        TOOLS_TO_ASK_FOR.map((name) => [name, "user-approval" as const]),
      ),
    }),
  });
}
