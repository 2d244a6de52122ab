import type { DatabaseSync } from "node:sqlite";
import type { ApprovalAnswer } from "../../contract/chat.ts";
import { StudioError } from "../../contract/errors.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { StudioChunk, StudioMessage } from "../../contract/message.ts";
import type { Project } from "../../contract/project.ts";
import type { TurnState } from "../../contract/turn.ts";
import { newId } from "../database/new-id.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { answerApprovals, answeredCalls, openApprovals, refuseOpenApprovals } from "./approvals.ts";
import { recoverTurns } from "./recover-turns.ts";
import { replayMessage } from "./replay-message.ts";
import { pumpTurn } from "./pump-turn.ts";
import type { StartAgent } from "./agent-run.ts";
import { readChunks, TurnLog } from "./turn-log.ts";

/** What begins a turn: the user's or the studio's own message, or answers to what the agent asked. */
export type TurnRequest = {
  modelId?: string | undefined;
  cause: "user" | "auto-fix";
} & ({ message: StudioMessage } | { approvals: readonly ApprovalAnswer[] });

/** What a turn left, when it is over. */
export interface EndedTurn {
  project: Project;
  turnId: string;
  messageId: string;
  cause: "user" | "auto-fix";
  ended: NonNullable<TurnState["ended"]>;
}

export interface TurnRunnerOptions {
  database: DatabaseSync;
  projects: ProjectStore;
  events: ProjectEvents;
  workspaces: Workspaces;
  startAgent: StartAgent;
  /** Called before the answer's end is told; what it gives is added to the answer. It must not throw. */
  beforeEnd: (turn: Omit<EndedTurn, "ended">) => Promise<StudioChunk[]>;
  /** Called when the project is idle again. It must not throw. */
  afterEnd: (turn: EndedTurn) => void;
}

/** A turn that runs. */
interface RunningTurn {
  turnId: string;
  log: TurnLog;
  abort: AbortController;
  done: Promise<void>;
}

/** Runs the agents: at most one at a time in each project. */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;
  readonly #running = new Map<string, RunningTurn>();

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
  }

  /** Says of every turn that ended with an earlier process that it was interrupted, with all that it had done. */
  recover(): Promise<void> {
    return recoverTurns(this.#options);
  }

  isRunning(projectId: string): boolean {
    return this.#running.has(projectId);
  }

  /**
   * Begins a turn and gives its stream, which may be left: the turn goes on. Throws `turn_running`,
   * `project_not_found`, or `bad_request` for answers that fit no question.
   */
  async start(projectId: string, request: TurnRequest): Promise<AsyncGenerator<StudioChunk>> {
    const { projects } = this.#options;
    if (this.#running.has(projectId)) throw turnRunning();
    if (request.modelId !== undefined) projects.update(projectId, { modelId: request.modelId });
    const project = projects.get(projectId);
    const turnId = newId();
    const abort = new AbortController();
    // Taken before the first wait, so that a second request finds it.
    const place = Promise.withResolvers<void>();
    const running = { turnId, abort, done: place.promise };
    try {
      const prepared = this.#prepare(project, turnId, request);
      const turn: RunningTurn = { ...running, log: prepared.log };
      this.#running.set(projectId, turn);
      const from = prepared.from;
      void this.#run(project, turn, { ...prepared, cause: request.cause })
        .catch((error: unknown) => {
          // Only the disk can fail here. Readers end, and the next start calls the turn interrupted.
          console.error(`Turn ${turnId} could not be kept:`, error);
          this.#running.delete(projectId);
          turn.log.close();
        })
        .finally(place.resolve);
      return turn.log.read(from);
    } catch (error) {
      place.resolve();
      this.#running.delete(projectId);
      throw error;
    }
  }

  /** All that the running turn's answer has said, then live; undefined when none runs. */
  stream(projectId: string, signal?: AbortSignal): AsyncGenerator<StudioChunk> | undefined {
    return this.#running.get(projectId)?.log.read(0, signal);
  }

  /** Ends the model and the command that it waits for. Resolves when they have ended; false if none ran. */
  async stop(projectId: string): Promise<boolean> {
    const turn = this.#running.get(projectId);
    if (!turn) return false;
    turn.abort.abort(new Error("stopped by the user"));
    await turn.done;
    return true;
  }

  /** Stops all turns. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((projectId) => this.stop(projectId)));
  }

  // What a turn starts from: its log, and where in it this turn's own part begins.
  #prepare(
    project: Project,
    turnId: string,
    request: TurnRequest,
  ): { log: TurnLog; from: number; messageId: string } {
    const { database, projects } = this.#options;
    const last = projects.messages(project.id).at(-1);
    const insert = database.prepare(
      "INSERT INTO turns (id, project_id, process_id, ended) VALUES (?, ?, ?, 0)",
    );
    if ("message" in request) {
      if (last && openApprovals(last).length > 0) {
        projects.putMessage(project.id, refuseOpenApprovals(last));
      }
      projects.putMessage(project.id, request.message);
      this.#nameAfter(project, request.message);
      insert.run(turnId, project.id, process.pid);
      return { log: new TurnLog(database, turnId), from: 0, messageId: newId() };
    }
    const answers = answerApprovals(last, request.approvals);
    insert.run(turnId, project.id, process.pid);
    // A replay begins with what the message had said before it waited.
    for (const [position, chunk] of this.#earlierChunks(project).entries()) {
      database
        .prepare("INSERT INTO turn_chunks (turn_id, position, chunk) VALUES (?, ?, ?)")
        .run(turnId, position, JSON.stringify(chunk));
    }
    const log = new TurnLog(database, turnId);
    for (const answer of answers) log.append(answer);
    return { log, from: log.length, messageId: last!.id };
  }

  #earlierChunks(project: Project): StudioChunk[] {
    const { turnId } = project.turn;
    if (turnId === undefined) return [];
    const chunks = readChunks(this.#options.database, turnId);
    return chunks.filter(({ type }) => type !== "finish");
  }

  // A project that nobody named yet is called after what it is to become.
  #nameAfter(project: Project, message: StudioMessage): void {
    if (project.name !== "New project") return;
    const text = message.parts.find((part) => part.type === "text")?.text ?? "";
    const name = text.trim().split("\n", 1)[0]?.slice(0, STUDIO_LIMITS.projectNameLength).trim();
    if (name) this.#options.projects.update(project.id, { name });
  }

  async #run(
    project: Project,
    turn: RunningTurn,
    start: { messageId: string; from: number; cause: "user" | "auto-fix" },
  ): Promise<void> {
    const { projects, workspaces, startAgent, beforeEnd, afterEnd, database } = this.#options;
    const { turnId, log, abort } = turn;
    const { messageId, from, cause } = start;
    const projectId = project.id;
    const state: TurnState = {
      status: "running",
      turnId,
      startedAt: Date.now(),
      maxSteps: STUDIO_LIMITS.stepsPerTurn,
      step: 0,
      cause,
    };
    this.#setTurn(projectId, state);
    const about = { project, turnId, messageId, cause };
    const before = from > 0 ? await replayMessage(readChunks(database, turnId)) : undefined;
    const outcome = await pumpTurn({
      log,
      isContinuation: before !== undefined,
      open: answeredCalls(before),
      messageId,
      turnId,
      signal: abort.signal,
      maxSteps: STUDIO_LIMITS.stepsPerTurn,
      start: async (told) => {
        const messages = projects.messages(projectId);
        return startAgent({
          project: projects.get(projectId),
          messages: before ? [...messages.slice(0, -1), before] : messages,
          workspace: { ...workspaces.of(projectId), ...told },
          maxSteps: STUDIO_LIMITS.stepsPerTurn,
          signal: abort.signal,
        });
      },
      onStep: (step) => this.#setTurn(projectId, { ...state, step }),
      beforeEnd: async () => {
        if (abort.signal.aborted) await workspaces.endForeground(projectId);
        return beforeEnd(about);
      },
    });
    const message = await replayMessage(readChunks(database, turnId));
    // The project may have been deleted meanwhile.
    const isThere = projects.has(projectId);
    if (isThere && message) projects.putMessage(projectId, message);
    const waits = outcome === "awaiting-approval";
    database.prepare("UPDATE turns SET ended = 1 WHERE id = ?").run(turnId);
    // What waits is replayed when it goes on.
    database
      .prepare(
        `DELETE FROM turn_chunks WHERE turn_id IN
           (SELECT id FROM turns WHERE project_id = ? AND ended = 1 AND id <> ?)`,
      )
      .run(projectId, waits ? turnId : "");
    this.#running.delete(projectId);
    if (isThere) {
      const { step: _, ...rest } = state;
      this.#setTurn(projectId, {
        ...rest,
        status: waits ? "awaiting-approval" : "idle",
        ...(!waits && { ended: outcome }),
      });
    }
    log.close();
    if (isThere && !waits) afterEnd({ ...about, ended: outcome });
  }

  #setTurn(projectId: string, turn: TurnState): void {
    const { projects, events } = this.#options;
    if (!projects.has(projectId)) return;
    events.emit(projectId, { type: "project", project: projects.setState(projectId, { turn }) });
  }
}

function turnRunning(): StudioError {
  return new StudioError(
    "turn_running",
    "The agent is still working in this project. Wait for its end, or stop it first.",
  );
}
