import type { AgentWorkspace, NewSandbox } from "../../contract/agent.ts";
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
  /** Commands that agents wait for, by project. */
  readonly #foreground = new Map<string, Map<string, string>>();

  constructor(options: WorkspacesOptions) {
    this.#options = options;
  }

  of(projectId: string): AgentWorkspace {
    const { projects, events, commands, onSandbox, onPreview } = this.#options;
    const foreground = this.#foregroundOf(projectId);
    return {
      sandboxId: () => (projects.has(projectId) ? projects.get(projectId).sandboxId : undefined),
      newSandbox: this.newSandbox(projectId),
      sandboxCreated(sandboxId) {
        const project = projects.setState(projectId, { sandboxId });
        events.emit(projectId, { type: "project", project });
        onSandbox(projectId);
      },
      commandStarted({ sandboxId, commandId, command, cwd, background }) {
        if (!background) foreground.set(commandId, sandboxId);
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
      commandEnded({ commandId }) {
        foreground.delete(commandId);
        // It may have written anything.
        events.emit(projectId, { type: "files" });
      },
      filesChanged: (paths) => events.emit(projectId, { type: "files", paths }),
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

  /** Ends what the stopped agent still waited for, should its tool not have done so. Never rejects. */
  async endForeground(projectId: string): Promise<void> {
    const foreground = this.#foregroundOf(projectId);
    const left = [...foreground];
    foreground.clear();
    await Promise.all(
      left.map(async ([cmdId, sandboxId]) => {
        try {
          await this.#options.commands.kill(sandboxId, cmdId, "SIGTERM");
        } catch {
          // It ended by itself meanwhile, or its sandbox did.
        }
      }),
    );
  }

  #foregroundOf(projectId: string): Map<string, string> {
    const known = this.#foreground.get(projectId);
    if (known) return known;
    const made = new Map<string, string>();
    this.#foreground.set(projectId, made);
    return made;
  }
}
