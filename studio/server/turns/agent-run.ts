import type { AgentWorkspace } from "../../contract/agent.ts";
import type { StudioChunk, StudioMessage } from "../../contract/message.ts";
import type { Project } from "../../contract/project.ts";

/** One run of an agent over all that was said. */
export interface AgentRun {
  project: Project;
  /** The last one is the user's, or the agent's own with answers to what it asked. */
  messages: StudioMessage[];
  workspace: AgentWorkspace;
  maxSteps: number;
  /** When aborted, the model and the command that a tool waits for end. */
  signal: AbortSignal;
}

/** A run that has begun: who answers, and what comes. */
export interface StartedAgent {
  model: { id: string; name: string };
  chunks: AsyncIterable<StudioChunk>;
}

/** Begins a run. Throws a StudioError when there is no such model. */
export type StartAgent = (run: AgentRun) => Promise<StartedAgent>;
