import type { LanguageModel } from "ai";
import type { ModelInfo } from "./model.ts";
import type { Approval, ProjectType } from "./project.ts";

/** What a new sandbox is made with: `Sandbox.create` takes it as it is. */
export interface NewSandbox {
  name: string;
  ports: number[];
  /** Milliseconds. */
  timeout: number;
  tags: Record<string, string>;
}

/** A command that a tool started. */
export interface StartedCommand {
  sandboxId: string;
  commandId: string;
  /** The line as the model gave it. */
  command: string;
  cwd: string;
  background: boolean;
}

/** A task's run, and the tool call that it is for. */
export interface ToolRun {
  toolCallId: string;
  runId: string;
}

/**
 * The place where an agent's tools work: one sandbox, which may not exist yet. The tools ask for it at each call and
 * tell what they did; none of the functions throws.
 */
export interface AgentWorkspace {
  /** The name of the sandbox; undefined until there is one. It may be stopped: the SDK resumes it. */
  sandboxId(): string | undefined;
  newSandbox: NewSandbox;
  sandboxCreated(sandboxId: string): void;
  commandStarted(command: StartedCommand): void;
  commandEnded(command: { sandboxId: string; commandId: string; exitCode: number | null }): void;
  /** Paths as the tools were given them. */
  filesChanged(paths: string[]): void;
  /** A URL was asked for: the app is expected at this port. */
  portExpected(port: number): void;
  /** A task began to run for a tool's call, where tools run as tasks. */
  runStarted(run: ToolRun): void;
}

/**
 * What `createStudioAgent` of `ai/studio-agent.ts` takes; it gives an agent of the AI SDK that is run once
 * with `createAgentUIStream`. Its tools end what they wait for when the run's signal is aborted.
 */
export interface StudioAgentOptions {
  model: LanguageModel;
  projectType: ProjectType;
  approval: Approval;
  workspace: AgentWorkspace;
  maxSteps: number;
}

/** A model that can be asked, as `resolveModel` of `ai/models.ts` finds it by its id. */
export interface ResolvedModel {
  info: ModelInfo;
  model: LanguageModel;
}
