import type { LanguageModel, ModelMessage } from "ai";
import type { Approval } from "../../studio/contract/project.ts";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { createStudioAgent } from "../studio-agent.ts";
import type { Sandboxes } from "../tools/project-sandbox.ts";
import { sdkSandboxes } from "../tools/sdk-sandboxes.ts";
import type { NotedWorkspace } from "./temporary-workspace.ts";

/** A tool's result, or why it has none. */
export interface ToolEnd {
  tool: string;
  toolCallId: string;
  output?: unknown;
  error?: string;
}

/** A conversation of an agent, turn by turn. */
export class Conversation {
  readonly messages: ModelMessage[] = [];
  readonly #model: LanguageModel;
  readonly #workspace: NotedWorkspace;
  readonly #approval: Approval;
  readonly #maxSteps: number;
  readonly #sandboxes: Sandboxes;

  constructor({
    model,
    workspace,
    approval = "auto",
    maxSteps = STUDIO_LIMITS.stepsPerTurn,
    sandboxes = sdkSandboxes,
  }: {
    model: LanguageModel;
    workspace: NotedWorkspace;
    approval?: Approval;
    maxSteps?: number;
    sandboxes?: Sandboxes;
  }) {
    this.#model = model;
    this.#workspace = workspace;
    this.#approval = approval;
    this.#maxSteps = maxSteps;
    this.#sandboxes = sandboxes;
  }

  /** Sends a message and waits for the turn's end. */
  async send(
    prompt: string,
    { abortSignal }: { abortSignal?: AbortSignal } = {},
  ): Promise<{ text: string; ends: ToolEnd[]; steps: number }> {
    this.messages.push({ role: "user", content: prompt });
    return this.go({ ...(abortSignal && { abortSignal }) });
  }

  /** Goes on with the messages as they are. */
  async go({ abortSignal }: { abortSignal?: AbortSignal } = {}): Promise<{
    text: string;
    ends: ToolEnd[];
    steps: number;
  }> {
    const agent = createStudioAgent({
      model: this.#model,
      projectType: "other",
      approval: this.#approval,
      workspace: this.#workspace,
      maxSteps: this.#maxSteps,
      sandboxes: this.#sandboxes,
    });
    const result = await agent.stream({
      messages: this.messages,
      ...(abortSignal && { abortSignal }),
    });
    const ends: ToolEnd[] = [];
    let text = "";
    for await (const part of result.stream) {
      if (part.type === "text-delta") text += part.text;
      if (part.type === "tool-result")
        ends.push({ tool: part.toolName, toolCallId: part.toolCallId, output: part.output });
      if (part.type === "tool-error") {
        ends.push({
          tool: part.toolName,
          toolCallId: part.toolCallId,
          error: (part.error as Error).message,
        });
      }
    }
    if (abortSignal?.aborted) return { text, ends, steps: 0 };
    this.messages.push(...(await result.responseMessages));
    return { text, ends, steps: (await result.steps).length };
  }
}
