import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Sandbox } from "sandlot";
import type { RestoreAnswer } from "../contract/checkpoint.ts";
import { StudioError } from "../contract/errors.ts";
import type { ProjectEvent } from "../contract/events.ts";
import type { StudioChunk } from "../contract/message.ts";
import type { Project, UpdateProjectRequest } from "../contract/project.ts";
import { AutoFix } from "./auto-fix/auto-fix.ts";
import { ErrorWatch } from "./auto-fix/error-watch.ts";
import { Background } from "./background.ts";
import { CheckpointStore } from "./checkpoints/checkpoint-store.ts";
import { Checkpoints } from "./checkpoints/checkpoints.ts";
import { CommandRecords } from "./commands/command-records.ts";
import { CommandWatch } from "./commands/command-watch.ts";
import { listCommands } from "./commands/list-commands.ts";
import { openDatabase } from "./database/open-database.ts";
import { EventQueue } from "./events/event-queue.ts";
import { ProjectEvents } from "./events/project-events.ts";
import { FileWatch } from "./files/file-watch.ts";
import { PreviewKeeper } from "./preview/preview-keeper.ts";
import { ProjectStore } from "./projects/project-store.ts";
import { runningSandbox, sandboxIfThere } from "./sandboxes/find-sandbox.ts";
import { SandboxDesk } from "./sandboxes/sandbox-desk.ts";
import { Terminals } from "./terminals/terminals.ts";
import type { StartAgent } from "./turns/agent-run.ts";
import { type EndedTurn, type TurnRequest, TurnRunner } from "./turns/turn-runner.ts";
import { Workspaces } from "./workspaces/workspaces.ts";

export interface StudioOptions {
  /** The folder that holds the studio's file. */
  home: string;
  isCloud: boolean;
  startAgent: StartAgent;
  /** Whether a model can look for the cause of an error: see `AutoFixOptions`. */
  canRepair: (modelId: string | undefined) => Promise<boolean>;
}

/** All that the studio does on the server, of one state folder. */
export class Studio implements AsyncDisposable {
  readonly #database: DatabaseSync;
  readonly projects: ProjectStore;
  readonly events = new ProjectEvents();
  readonly records: CommandRecords;
  readonly commands: CommandWatch;
  readonly previews: PreviewKeeper;
  readonly sandboxes: SandboxDesk;
  readonly workspaces: Workspaces;
  readonly turns: TurnRunner;
  readonly terminals = new Terminals();
  readonly autoFix: AutoFix;
  readonly #errors: ErrorWatch;
  readonly #files: FileWatch;
  readonly #background = new Background();
  readonly checkpoints: Checkpoints;
  readonly checkpointStore: CheckpointStore;

  private constructor({ home, isCloud, startAgent, canRepair }: StudioOptions) {
    const database = openDatabase(join(home, "studio.sqlite"));
    this.#database = database;
    const { events } = this;
    const background = this.#background;
    const projects = new ProjectStore(database);
    const records = new CommandRecords(database);
    this.projects = projects;
    this.records = records;
    this.#files = new FileWatch({ projects, events, background });
    this.checkpointStore = new CheckpointStore(database);
    this.checkpoints = new Checkpoints({ projects, events, store: this.checkpointStore });
    this.commands = new CommandWatch(records, {
      started: (sandboxId, command) => {
        this.#commandChanged(sandboxId, { type: "command", command });
        this.#errors.started(sandboxId, command);
      },
      ended: (sandboxId, command, details) => {
        this.#commandChanged(sandboxId, { type: "command", command });
        this.#commandChanged(sandboxId, { type: "files" });
        this.#errors.ended(sandboxId, command, details);
      },
    });
    this.previews = new PreviewKeeper({
      projects,
      events,
      records,
      isAtWork: (projectId) => this.turns.isRunning(projectId),
    });
    this.sandboxes = new SandboxDesk({
      projects,
      events,
      commands: this.commands,
      onChange: (projectId) => this.#sandboxChanged(projectId),
      onRemoved: (projectId, sandboxId) => {
        records.forget(sandboxId);
        this.checkpointStore.forget(projectId);
        events.emit(projectId, { type: "checkpoints", checkpoints: [] });
      },
    });
    this.workspaces = new Workspaces({
      projects,
      events,
      commands: this.commands,
      isCloud,
      onSandbox: (projectId) => this.#sandboxChanged(projectId),
      onPreview: (projectId) => background.run(() => this.previews.refresh(projectId)),
    });
    this.turns = new TurnRunner({
      database,
      projects,
      events,
      workspaces: this.workspaces,
      startAgent,
      beforeEnd: (turn) => this.#keepFiles(turn),
      afterEnd: ({ project, ended }) => {
        // The agent's tools start a sandbox that was stopped.
        this.#sandboxChanged(project.id);
        const wasStopped = ended === "stopped";
        background.run(() => this.autoFix.turnEnded(project.id, { wasStopped }));
      },
    });
    this.autoFix = new AutoFix({
      projects,
      events,
      isRunning: (projectId) => this.turns.isRunning(projectId),
      canRepair,
      ask: async (projectId, message) => {
        const chunks = await this.turns.start(projectId, { cause: "auto-fix", message });
        // Browsers join it by themselves.
        await chunks.return(undefined);
      },
    });
    this.#errors = new ErrorWatch({ projects, autoFix: this.autoFix, background });
  }

  /** Opens the folder and takes up what an earlier process left. */
  static async open(options: StudioOptions): Promise<Studio> {
    const studio = new Studio(options);
    await studio.turns.recover();
    studio.commands.recover();
    return studio;
  }

  /** Begins a turn with what the user said or answered: see `TurnRunner.start`. */
  ask(projectId: string, request: TurnRequest): Promise<AsyncGenerator<StudioChunk>> {
    this.autoFix.reset(projectId);
    return this.turns.start(projectId, request);
  }

  /** Changes its settings and tells everyone. Throws `project_not_found`. */
  updateProject(projectId: string, change: UpdateProjectRequest): Project {
    const project = this.projects.update(projectId, change);
    this.events.emit(projectId, { type: "project", project });
    return project;
  }

  /**
   * Makes the files those of a checkpoint, and starts the app's server again, which may hold the old ones. Throws
   * `turn_running` while the agent works.
   */
  async restore(projectId: string, checkpointId: string): Promise<RestoreAnswer> {
    const { sandboxId } = this.projects.get(projectId);
    if (this.turns.isRunning(projectId)) {
      throw new StudioError(
        "turn_running",
        "The agent is changing these files now. Stop it, then go back.",
      );
    }
    const answer = await this.checkpoints.restore(projectId, checkpointId);
    if (sandboxId !== undefined) await this.commands.restart(sandboxId);
    this.previews.loadAnew(projectId);
    return answer;
  }

  /** The project's sandbox, started if it was stopped. Throws `no_sandbox`. */
  async sandboxOf(projectId: string): Promise<Sandbox> {
    const { sandboxId } = this.projects.get(projectId);
    if (sandboxId !== undefined) return runningSandbox(sandboxId);
    throw new StudioError(
      "no_sandbox",
      "This project has no sandbox yet, so it has no files. Ask the agent to build something.",
    );
  }

  /** Tells those who have the sandbox's project open. */
  filesChanged(sandboxId: string, paths: string[]): void {
    this.#commandChanged(sandboxId, { type: "files", paths });
  }

  /** Stops its turn and deletes it with its messages, its checkpoints and its sandbox. */
  async deleteProject(projectId: string): Promise<void> {
    const { sandboxId } = this.projects.get(projectId);
    await this.turns.stop(projectId);
    await this.previews.close(projectId);
    if (sandboxId !== undefined) {
      this.commands.expectEnd(sandboxId);
      const sandbox = await sandboxIfThere(sandboxId);
      await sandbox?.delete({ deleteOrphanSnapshots: true });
      this.records.forget(sandboxId);
    }
    this.projects.remove(projectId);
    this.events.emit(projectId, { type: "deleted" });
  }

  /** What happens in a project, from now on: first all that is known. Ends when the signal is aborted. */
  async *watch(projectId: string, signal: AbortSignal): AsyncGenerator<ProjectEvent, void, void> {
    this.projects.get(projectId);
    const queue = new EventQueue<ProjectEvent>();
    using _subscription = this.events.subscribe(projectId, (event) => queue.push(event));
    using _files = this.#files.hold(projectId);
    yield await this.#snapshot(projectId);
    yield* queue.read(signal);
  }

  /** Stops all turns and lets go of the folder. Sandboxes go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.turns[Symbol.asyncDispose]();
    this.#errors[Symbol.dispose]();
    this.#files[Symbol.dispose]();
    await this.commands[Symbol.asyncDispose]();
    this.terminals[Symbol.dispose]();
    await this.#background.settled();
    await this.previews[Symbol.asyncDispose]();
    this.#database.close();
  }

  async #snapshot(projectId: string): Promise<ProjectEvent> {
    const preview = await this.previews.current(projectId);
    const { sandboxId } = this.projects.get(projectId);
    const sandbox = sandboxId === undefined ? undefined : await sandboxIfThere(sandboxId);
    return {
      type: "snapshot",
      project: this.projects.get(projectId),
      sandbox: sandbox ? await this.sandboxes.describe(sandbox) : null,
      commands: sandbox ? await listCommands(sandbox, this.records) : [],
      preview,
      checkpoints: this.checkpointStore.list(projectId),
    };
  }

  // The files as a turn left them, and the mark of it in the turn's answer.
  async #keepFiles(turn: Omit<EndedTurn, "ended">): Promise<StudioChunk[]> {
    const { project, turnId, messageId, cause } = turn;
    const asked = this.projects.messages(project.id).findLast(({ role }) => role === "user");
    const text = asked?.parts.find((part) => part.type === "text")?.text;
    const title = cause === "auto-fix" ? "Automatic fix" : (text ?? "Changes");
    const checkpoint = await this.checkpoints.save(project.id, { title, turnId, messageId });
    if (!checkpoint) return [];
    this.previews.filesChanged(project.id);
    const { id, changedFiles } = checkpoint;
    return [{ type: "data-checkpoint", data: { checkpointId: id, changedFiles } }];
  }

  #sandboxChanged(projectId: string): void {
    this.#background.run(async () => {
      if (!this.projects.has(projectId)) return;
      const { sandboxId } = this.projects.get(projectId);
      const sandbox = sandboxId === undefined ? undefined : await sandboxIfThere(sandboxId);
      this.#files.ensure(projectId);
      const summary = sandbox ? await this.sandboxes.describe(sandbox) : null;
      this.events.emit(projectId, { type: "sandbox", sandbox: summary });
      await this.previews.refresh(projectId);
    });
  }

  #commandChanged(sandboxId: string, event: ProjectEvent): void {
    const project = this.projects.ofSandbox(sandboxId);
    if (!project) return;
    this.events.emit(project.id, event);
    if (event.type === "command") this.#sandboxChanged(project.id);
  }
}
