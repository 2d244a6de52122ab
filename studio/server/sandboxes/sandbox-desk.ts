import { Sandbox } from "sandlot";
import type {
  SandboxActionAnswer,
  SandboxActionRequest,
  SandboxList,
  SandboxSummary,
} from "../../contract/sandbox.ts";
import type { CommandWatch } from "../commands/command-watch.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { describeSandbox } from "./describe-sandbox.ts";
import { listSessionCommands } from "./engine-calls.ts";
import { runningSandbox, sandboxAsItIs } from "./find-sandbox.ts";
import { isErrand } from "./run-quietly.ts";

export interface SandboxDeskOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  commands: CommandWatch;
  /** The sandbox of a project began, ended or went. Must not throw. */
  onChange: (projectId: string) => void;
  /** The sandbox of a project was deleted. Must not throw. */
  onRemoved: (projectId: string, sandboxId: string) => void;
}

const PAGE = 50;

/** What a person does with sandboxes: all of the engine's, whoever made them. */
export class SandboxDesk {
  readonly #options: SandboxDeskOptions;

  constructor(options: SandboxDeskOptions) {
    this.#options = options;
  }

  /** Newest first. */
  async list(signal?: AbortSignal): Promise<SandboxList> {
    const listed = await Sandbox.list({ limit: PAGE, ...(signal && { signal }) });
    const names = (await listed.toArray()).map(({ name }) => name);
    const sandboxes = await Promise.all(
      names.map(async (name) => {
        try {
          return await this.get(name, signal);
        } catch (error) {
          // It was deleted between the list and this look at it.
          if (toStudioError(error).code === "sandbox_not_found") return undefined;
          throw error;
        }
      }),
    );
    return { sandboxes: sandboxes.filter((each) => each !== undefined) };
  }

  /** With what it takes of the machine. Throws `sandbox_not_found`. */
  async get(sandboxId: string, signal?: AbortSignal): Promise<SandboxSummary> {
    const sandbox = await sandboxAsItIs(sandboxId, signal);
    const summary = await this.describe(sandbox, { usage: true });
    if (summary.status !== "running") return { ...summary, runningCommands: 0 };
    const commands = await listSessionCommands(sandbox.currentSession().sessionId);
    const running = commands.filter((each) => each.exitCode === null && !isErrand(each));
    return { ...summary, runningCommands: running.length };
  }

  /** A quick look, with the project that it belongs to. */
  async describe(sandbox: Sandbox, options: { usage?: boolean } = {}): Promise<SandboxSummary> {
    const project = this.#options.projects.ofSandbox(sandbox.name);
    return describeSandbox(sandbox, {
      ...options,
      project: project && { id: project.id, name: project.name },
    });
  }

  /** Stops, resumes, snapshots or forks it. Throws what the engine says when it cannot. */
  async act(sandboxId: string, request: SandboxActionRequest): Promise<SandboxActionAnswer> {
    const { commands } = this.#options;
    try {
      switch (request.action) {
        case "resume": {
          const sandbox = await runningSandbox(sandboxId);
          await commands.startAgain(sandboxId);
          return { sandbox: await this.describe(sandbox) };
        }
        case "stop": {
          const sandbox = await sandboxAsItIs(sandboxId);
          commands.expectEnd(sandboxId);
          if (sandbox.status === "running") await sandbox.stop();
          await commands.allEnded(sandboxId);
          return { sandbox: await this.describe(await sandboxAsItIs(sandboxId)) };
        }
        case "snapshot": {
          const sandbox = await sandboxAsItIs(sandboxId);
          commands.expectEnd(sandboxId);
          const { snapshotId } = await sandbox.snapshot();
          await commands.allEnded(sandboxId);
          return { sandbox: await this.describe(await sandboxAsItIs(sandboxId)), snapshotId };
        }
        case "fork": {
          const forked = await Sandbox.fork({
            sourceSandbox: sandboxId,
            ...(request.name !== undefined && { name: request.name }),
          });
          return { sandbox: await this.describe(forked) };
        }
      }
    } finally {
      this.#changed(sandboxId);
    }
  }

  /** Deletes it with its files. Its project, if it has one, stays, and gets a new one when it needs it. */
  async remove(sandboxId: string): Promise<void> {
    const { projects, events, commands } = this.#options;
    const sandbox = await sandboxAsItIs(sandboxId);
    commands.expectEnd(sandboxId);
    await sandbox.delete({ deleteOrphanSnapshots: true });
    const project = projects.ofSandbox(sandboxId);
    if (!project) return;
    events.emit(project.id, { type: "project", project: projects.forgetSandbox(project.id) });
    this.#options.onRemoved(project.id, sandboxId);
    this.#options.onChange(project.id);
  }

  #changed(sandboxId: string): void {
    const project = this.#options.projects.ofSandbox(sandboxId);
    if (project) this.#options.onChange(project.id);
  }
}
