import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { Checkpoint } from "../../contract/checkpoint.ts";
import { StudioError } from "../../contract/errors.ts";
import { newId } from "../database/new-id.ts";

/** A checkpoint as it is made. */
export interface NewCheckpoint {
  projectId: string;
  commitId: string;
  title: string;
  turnId?: string | undefined;
  messageId?: string | undefined;
  changedFiles: number;
  linesAdded: number;
  linesRemoved: number;
}

/** Which checkpoints there are, and which of them the files are at. */
export class CheckpointStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The new one is the current one. */
  add(checkpoint: NewCheckpoint): Checkpoint {
    const id = newId();
    const { projectId, commitId, title, turnId, messageId } = checkpoint;
    this.#database
      .prepare("UPDATE checkpoints SET current = 0 WHERE project_id = ?")
      .run(projectId);
    this.#database
      .prepare(
        `INSERT INTO checkpoints (id, project_id, commit_id, title, created_at, turn_id, message_id,
           changed_files, lines_added, lines_removed, current)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
      )
      .run(
        id,
        projectId,
        commitId,
        title,
        Date.now(),
        turnId ?? null,
        messageId ?? null,
        checkpoint.changedFiles,
        checkpoint.linesAdded,
        checkpoint.linesRemoved,
      );
    return this.get(projectId, id).checkpoint;
  }

  /** Newest first. */
  list(projectId: string): Checkpoint[] {
    const rows = this.#database
      .prepare("SELECT * FROM checkpoints WHERE project_id = ? ORDER BY position DESC")
      .all(projectId);
    return rows.map(toCheckpoint);
  }

  /** Throws `checkpoint_not_found`. */
  get(projectId: string, id: string): { checkpoint: Checkpoint; commitId: string } {
    const row = this.#database
      .prepare("SELECT * FROM checkpoints WHERE project_id = ? AND id = ?")
      .get(projectId, id);
    if (row) return { checkpoint: toCheckpoint(row), commitId: String(row["commit_id"]) };
    throw new StudioError(
      "checkpoint_not_found",
      "This checkpoint does not exist. Choose another one from the history.",
      { field: "checkpointId" },
    );
  }

  setCurrent(projectId: string, id: string): Checkpoint {
    this.#database
      .prepare("UPDATE checkpoints SET current = (id = ?) WHERE project_id = ?")
      .run(id, projectId);
    return this.get(projectId, id).checkpoint;
  }

  /** The sandbox went, and with it the files that they were of. */
  forget(projectId: string): void {
    this.#database.prepare("DELETE FROM checkpoints WHERE project_id = ?").run(projectId);
  }
}

function toCheckpoint(row: Record<string, SQLOutputValue>): Checkpoint {
  return Checkpoint.parse({
    id: row["id"],
    title: row["title"],
    createdAt: row["created_at"],
    turnId: row["turn_id"] ?? undefined,
    messageId: row["message_id"] ?? undefined,
    changedFiles: row["changed_files"],
    linesAdded: row["lines_added"],
    linesRemoved: row["lines_removed"],
    current: row["current"] === 1,
  });
}
