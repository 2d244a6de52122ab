import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { CommandSummary } from "../../contract/command.ts";

/** A command as it is known when it starts. */
export interface NewCommand {
  sandboxId: string;
  cmdId: string;
  command: string;
  cwd: string;
  background: boolean;
  source: "agent" | "user";
  startedAt: number;
}

/** What the studio knows of the commands that it started: who asked for them, and how they were written. */
export class CommandRecords {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  add(command: NewCommand): CommandSummary {
    const { sandboxId, cmdId, cwd, background, source, startedAt } = command;
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO commands
           (sandbox_id, cmd_id, command, cwd, background, source, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(sandboxId, cmdId, command.command, cwd, Number(background), source, startedAt);
    return this.get(sandboxId, cmdId)!;
  }

  end(sandboxId: string, cmdId: string, exitCode: number | null): CommandSummary | undefined {
    this.#database
      .prepare(
        "UPDATE commands SET exit_code = ?, ended_at = ? WHERE sandbox_id = ? AND cmd_id = ? AND ended_at IS NULL",
      )
      .run(exitCode, Date.now(), sandboxId, cmdId);
    return this.get(sandboxId, cmdId);
  }

  get(sandboxId: string, cmdId: string): CommandSummary | undefined {
    const row = this.#database
      .prepare("SELECT * FROM commands WHERE sandbox_id = ? AND cmd_id = ?")
      .get(sandboxId, cmdId);
    return row && toSummary(row);
  }

  /** Newest first. */
  ofSandbox(sandboxId: string): CommandSummary[] {
    const rows = this.#database
      .prepare("SELECT * FROM commands WHERE sandbox_id = ? ORDER BY started_at DESC, cmd_id DESC")
      .all(sandboxId);
    return rows.map(toSummary);
  }

  /** Those that had not ended when last heard of, with their sandboxes. */
  unended(): { sandboxId: string; cmdId: string }[] {
    const rows = this.#database
      .prepare("SELECT sandbox_id, cmd_id FROM commands WHERE ended_at IS NULL")
      .all();
    return rows.map((row) => ({
      sandboxId: String(row["sandbox_id"]),
      cmdId: String(row["cmd_id"]),
    }));
  }

  forget(sandboxId: string): void {
    this.#database.prepare("DELETE FROM commands WHERE sandbox_id = ?").run(sandboxId);
  }
}

function toSummary(row: Record<string, SQLOutputValue>): CommandSummary {
  const endedAt = row["ended_at"];
  const startedAt = Number(row["started_at"]);
  return CommandSummary.parse({
    cmdId: row["cmd_id"],
    command: row["command"],
    cwd: row["cwd"],
    startedAt,
    exitCode: row["exit_code"],
    durationMs: endedAt === null ? undefined : Math.max(0, Number(endedAt) - startedAt),
    background: row["background"] === 1,
    source: row["source"],
  });
}
