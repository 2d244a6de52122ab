/** The tables, in steps: a file of step n gets all that follow. A step that was published is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    approval TEXT NOT NULL,
    auto_fix INTEGER NOT NULL,
    model_id TEXT,
    sandbox_id TEXT,
    preview_port INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    turn TEXT NOT NULL
  ) STRICT;
  CREATE TABLE messages (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    message TEXT NOT NULL,
    UNIQUE (project_id, id)
  ) STRICT;
  CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    process_id INTEGER NOT NULL,
    base_message TEXT,
    ended INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE turn_chunks (
    turn_id TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    chunk TEXT NOT NULL,
    PRIMARY KEY (turn_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE commands (
    sandbox_id TEXT NOT NULL,
    cmd_id TEXT NOT NULL,
    command TEXT NOT NULL,
    cwd TEXT NOT NULL,
    background INTEGER NOT NULL,
    source TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    exit_code INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (sandbox_id, cmd_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoints (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    commit_id TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    turn_id TEXT,
    message_id TEXT,
    changed_files INTEGER NOT NULL,
    lines_added INTEGER NOT NULL,
    lines_removed INTEGER NOT NULL,
    current INTEGER NOT NULL
  ) STRICT;
  `,
];
