import type { Checkpoint } from "@/studio/contract/checkpoint.ts";
import type { CommandSummary } from "@/studio/contract/command.ts";
import type { ProjectEvent } from "@/studio/contract/events.ts";
import type { PreviewState } from "@/studio/contract/preview.ts";
import type { Project } from "@/studio/contract/project.ts";
import type { AutoFixDecision } from "@/studio/contract/runtime-error.ts";
import type { SandboxSummary } from "@/studio/contract/sandbox.ts";

/** All that a page knows of its project besides what was said. */
export interface ProjectState {
  project: Project;
  /** Null until the project has one. */
  sandbox: SandboxSummary | null;
  /** Newest first. */
  commands: readonly CommandSummary[];
  preview: PreviewState;
  /** Newest first. */
  checkpoints: readonly Checkpoint[];
  /** What auto-fix decided last, until the next turn. */
  autoFix: AutoFixDecision | undefined;
  /** Grows with each change of the files: what shows files reads them again. */
  filesRevision: number;
  /** Grows when messages changed elsewhere. */
  messagesRevision: number;
  /** Whether the first snapshot has come. */
  loaded: boolean;
  deleted: boolean;
}

/** What is known before the server's first word. */
export function initialProjectState(project: Project): ProjectState {
  return {
    project,
    sandbox: null,
    commands: [],
    preview: { phase: "none", message: "" },
    checkpoints: [],
    autoFix: undefined,
    filesRevision: 0,
    messagesRevision: 0,
    loaded: false,
    deleted: false,
  };
}

/** The state after an event. Parts that the event does not touch keep their identity. */
export function applyProjectEvent(state: ProjectState, event: ProjectEvent): ProjectState {
  switch (event.type) {
    case "snapshot": {
      const { project, sandbox, commands, preview, checkpoints } = event;
      return {
        ...state,
        project,
        sandbox,
        commands,
        preview,
        checkpoints,
        // Whatever happened while nobody listened is in the files and messages, too.
        filesRevision: state.filesRevision + 1,
        messagesRevision: state.messagesRevision + (state.loaded ? 1 : 0),
        loaded: true,
      };
    }
    case "project": {
      const began =
        event.project.turn.status === "running" && state.project.turn.status !== "running";
      return { ...state, project: event.project, ...(began ? { autoFix: undefined } : {}) };
    }
    case "messages":
      return { ...state, messagesRevision: state.messagesRevision + 1 };
    case "sandbox":
      return { ...state, sandbox: event.sandbox };
    case "command":
      return { ...state, commands: withCommand(state.commands, event.command) };
    case "files":
      return { ...state, filesRevision: state.filesRevision + 1 };
    case "preview":
      return { ...state, preview: event.preview };
    case "checkpoints":
      return { ...state, checkpoints: event.checkpoints };
    case "auto-fix":
      return { ...state, autoFix: event.decision };
    case "deleted":
      return { ...state, deleted: true };
  }
}

/** The list with it: in its own place if it was there, else where its start belongs. */
export function withCommand(
  commands: readonly CommandSummary[],
  command: CommandSummary,
): CommandSummary[] {
  const place = commands.findIndex(({ cmdId }) => cmdId === command.cmdId);
  if (place >= 0) return commands.with(place, command);
  const older = commands.findIndex(({ startedAt }) => startedAt <= command.startedAt);
  return commands.toSpliced(older < 0 ? commands.length : older, 0, command);
}
