import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { StudioError } from "../../contract/errors.ts";
import type { StudioMessage } from "../../contract/message.ts";
import {
  type CreateProjectRequest,
  Project,
  type UpdateProjectRequest,
} from "../../contract/project.ts";
import type { TurnState } from "../../contract/turn.ts";
import { newId } from "../database/new-id.ts";

type Row = Record<string, SQLOutputValue>;

/** What changes of a project besides its settings. */
export interface ProjectState {
  sandboxId?: string;
  turn?: TurnState;
  /** The port that the app was last expected at. */
  previewPort?: number;
}

/** Projects and what was said in them. What a method returned from is on disk. */
export class ProjectStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  create(request: CreateProjectRequest): Project {
    const now = Date.now();
    const id = newId();
    const { name, type, approval, autoFix, modelId } = request;
    this.#database
      .prepare(
        `INSERT INTO projects (id, name, type, approval, auto_fix, model_id, created_at, updated_at, turn)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        name,
        type,
        approval,
        Number(autoFix),
        modelId ?? null,
        now,
        now,
        JSON.stringify({ status: "idle" } satisfies TurnState),
      );
    return this.get(id);
  }

  /** Those used last come first. */
  list(): Project[] {
    const rows = this.#database
      .prepare("SELECT * FROM projects ORDER BY updated_at DESC, created_at DESC, id")
      .all();
    return rows.map(toProject);
  }

  /** Throws `project_not_found`. */
  get(id: string): Project {
    return toProject(this.#row(id));
  }

  has(id: string): boolean {
    return this.#database.prepare("SELECT 1 FROM projects WHERE id = ?").get(id) !== undefined;
  }

  /** The project whose sandbox it is. */
  ofSandbox(sandboxId: string): Project | undefined {
    const row = this.#database
      .prepare("SELECT * FROM projects WHERE sandbox_id = ?")
      .get(sandboxId);
    return row && toProject(row);
  }

  previewPort(id: string): number | undefined {
    const port = this.#row(id)["preview_port"];
    return port === null ? undefined : Number(port);
  }

  /** What is absent stays. Throws `project_not_found`. */
  update(id: string, change: UpdateProjectRequest): Project {
    const { name, type, approval, autoFix, modelId } = change;
    this.#database
      .prepare(
        `UPDATE projects SET name = coalesce(?, name), type = coalesce(?, type),
           approval = coalesce(?, approval), auto_fix = coalesce(?, auto_fix),
           model_id = coalesce(?, model_id), updated_at = ? WHERE id = ?`,
      )
      .run(
        name ?? null,
        type ?? null,
        approval ?? null,
        autoFix === undefined ? null : Number(autoFix),
        modelId ?? null,
        Date.now(),
        id,
      );
    return this.get(id);
  }

  /** What is absent stays. The project keeps its place in the list. Throws `project_not_found`. */
  setState(id: string, { sandboxId, turn, previewPort }: ProjectState): Project {
    this.#database
      .prepare(
        `UPDATE projects SET sandbox_id = coalesce(?, sandbox_id), turn = coalesce(?, turn),
           preview_port = coalesce(?, preview_port) WHERE id = ?`,
      )
      .run(sandboxId ?? null, turn ? JSON.stringify(turn) : null, previewPort ?? null, id);
    return this.get(id);
  }

  /** The sandbox is gone: the next turn makes another. */
  forgetSandbox(id: string): Project {
    this.#database
      .prepare("UPDATE projects SET sandbox_id = NULL, preview_port = NULL WHERE id = ?")
      .run(id);
    return this.get(id);
  }

  /** With its messages and checkpoints. Its sandbox is the caller's to delete. */
  remove(id: string): void {
    this.#database.prepare("DELETE FROM projects WHERE id = ?").run(id);
  }

  /** Oldest first. */
  messages(projectId: string): StudioMessage[] {
    const rows = this.#database
      .prepare("SELECT message FROM messages WHERE project_id = ? ORDER BY position")
      .all(projectId);
    // Written by this class alone.
    return rows.map(({ message }) => JSON.parse(String(message)) as StudioMessage);
  }

  /** Adds it, or puts it in the place of the one with its id. */
  putMessage(projectId: string, message: StudioMessage): void {
    this.#database
      .prepare(
        `INSERT INTO messages (project_id, id, message) VALUES (?, ?, ?)
         ON CONFLICT (project_id, id) DO UPDATE SET message = excluded.message`,
      )
      .run(projectId, message.id, JSON.stringify(message));
    this.#database
      .prepare("UPDATE projects SET updated_at = ? WHERE id = ?")
      .run(Date.now(), projectId);
  }

  #row(id: string): Row {
    const row = this.#database.prepare("SELECT * FROM projects WHERE id = ?").get(id);
    if (row) return row;
    throw new StudioError(
      "project_not_found",
      "This project does not exist, or was deleted. Open another one from the list.",
      { field: "projectId" },
    );
  }
}

function toProject(row: Row): Project {
  return Project.parse({
    id: row["id"],
    name: row["name"],
    type: row["type"],
    approval: row["approval"],
    autoFix: row["auto_fix"] === 1,
    modelId: row["model_id"] ?? undefined,
    sandboxId: row["sandbox_id"] ?? undefined,
    createdAt: row["created_at"],
    updatedAt: row["updated_at"],
    turn: JSON.parse(String(row["turn"])),
  });
}
