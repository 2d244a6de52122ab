import { createAgentUIStream } from "ai";
import { runsToolsAsTasks } from "../../../ai/environment.ts";
import { resolveModel } from "../../../ai/models.ts";
import { createStudioAgent } from "../../../ai/studio-agent.ts";
import type { AgentWorkspace } from "../../contract/agent.ts";
import { ProblemList, type StudioChunk } from "../../contract/message.ts";
import type { Sandboxes } from "../../../ai/tools/project-sandbox.ts";
import { sdkSandboxes } from "../../../ai/tools/sdk-sandboxes.ts";
import { describeProblems } from "../auto-fix/describe-problems.ts";
import type { StartAgent } from "./agent-run.ts";
import { describeModelFailure } from "./describe-model-failure.ts";

/** The studio's agent, with the model that the project chose. */
export const startStudioAgent: StartAgent = async (run) => {
  const { project, messages, workspace, maxSteps, signal } = run;
  const { info, model } = await resolveModel(project.modelId);
  const agent = createStudioAgent({
    model,
    projectType: project.type,
    approval: project.approval,
    workspace,
    maxSteps,
    sandboxes: await sandboxesFor(workspace),
  });
  const chunks = await createAgentUIStream({
    agent,
    uiMessages: messages,
    abortSignal: signal,
    onError: describeModelFailure,
    convertDataPart: (part) =>
      part.type === "data-problems"
        ? { type: "text", text: describeProblems(ProblemList.parse(part.data)) }
        : undefined,
    messageMetadata: ({ part }) =>
      part.type === "finish"
        ? { inputTokens: part.totalUsage.inputTokens, outputTokens: part.totalUsage.outputTokens }
        : undefined,
  });
  return { model: { id: info.id, name: info.name }, chunks: chunks as AsyncIterable<StudioChunk> };
};

async function sandboxesFor(workspace: AgentWorkspace): Promise<Sandboxes> {
  if (!runsToolsAsTasks()) return sdkSandboxes;
  // Trigger.dev's SDK is loaded only where it is used.
  const { taskSandboxes } = await import("../../../ai/tools/tasks/task-sandboxes.ts");
  return taskSandboxes(workspace);
}
