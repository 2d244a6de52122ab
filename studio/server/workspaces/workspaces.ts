import type { AgentWorkspace, NewSandbox } from "../../contract/agent.ts";
import type { CommandSummary } from "../../contract/command.ts";
import { PROJECT_PORTS } from "../../contract/limits.ts";
import type { CommandWatch } from "../commands/command-watch.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import type { ProjectStore } from "../projects/project-store.ts";

// As long as the engine lets a sandbox run; the cloud's smallest plan ends it after 45 minutes.
const LOCAL_LIFE_MS = 24 * 60 * 60 * 1_000;
const CLOUD_LIFE_MS = 45 * 60 * 1_000;

export interface WorkspacesOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  commands: CommandWatch;
  isCloud: boolean;
  /** The sandbox exists since now. Must not throw. */
  onSandbox: (projectId: string) => void;
  /** The app may be up, or is expected at another port. Must not throw. */
  onPreview: (projectId: string) => void;
}

/** The places where agents work: one sandbox for each project, which keeps it over all turns. */
export class Workspaces {
  readonly #options: WorkspacesOptions;

  constructor(options: WorkspacesOptions) {
    this.#options = options;
  }

  of(projectId: string): AgentWorkspace {
    const { projects, events, commands, onSandbox, onPreview } = this.#options;
    return {
      sandboxId: () => (projects.has(projectId) ? projects.get(projectId).sandboxId : undefined),
      newSandbox: this.newSandbox(projectId),
      sandboxCreated(sandboxId) {
        const project = projects.setState(projectId, { sandboxId });
        events.emit(projectId, { type: "project", project });
        onSandbox(projectId);
      },
      commandStarted({ sandboxId, commandId, command, cwd, background }) {
        commands.add({
          sandboxId,
          cmdId: commandId,
          command,
          cwd,
          background,
          source: "agent",
          startedAt: Date.now(),
        });
      },
      // It may have written anything.
      commandEnded: () => events.emit(projectId, { type: "files" }),
      filesChanged: (paths) => events.emit(projectId, { type: "files", paths }),
      // Who runs the turn tells of it.
      runStarted: () => undefined,
      portExpected(port) {
        projects.setState(projectId, { previewPort: port });
        onPreview(projectId);
      },
    };
  }

  /** What the project's sandbox is made with. */
  newSandbox(projectId: string): NewSandbox {
    return {
      name: `studio-${projectId}`,
      ports: [...PROJECT_PORTS],
      timeout: this.#options.isCloud ? CLOUD_LIFE_MS : LOCAL_LIFE_MS,
      tags: { studio: projectId },
    };
  }

  /** Ends what the stopped agent still waited for, should its tool not have done so; gives what it ended. Never rejects. */
  async endForeground(projectId: string): Promise<CommandSummary[]> {
    const { projects, commands } = this.#options;
    const sandboxId = projects.has(projectId) ? projects.get(projectId).sandboxId : undefined;
    return sandboxId === undefined ? [] : commands.endForeground(sandboxId);
  }
}
