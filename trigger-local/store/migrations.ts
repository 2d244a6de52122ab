/** The tables, in steps: a file of step n gets all that follow. A step that was published is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    task TEXT NOT NULL,
    status TEXT NOT NULL,
    finished INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    parent_id TEXT,
    batch_id TEXT,
    idempotency_key TEXT,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    payload TEXT,
    output TEXT
  ) STRICT;
  CREATE UNIQUE INDEX runs_by_number ON runs (number);
  CREATE INDEX runs_unfinished ON runs (id) WHERE finished = 0;
  CREATE INDEX runs_by_revision ON runs (revision);
  CREATE INDEX runs_of_parent ON runs (parent_id);
  CREATE INDEX runs_of_batch ON runs (batch_id);
  CREATE INDEX runs_by_key ON runs (task, idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE TABLE run_tags (
    tag TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, run_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE waitpoints (
    id TEXT PRIMARY KEY,
    pending INTEGER NOT NULL,
    stream TEXT,
    idempotency_key TEXT,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX waitpoints_pending ON waitpoints (id) WHERE pending = 1;
  CREATE INDEX waitpoints_of_stream ON waitpoints (stream) WHERE pending = 1;
  CREATE INDEX waitpoints_by_key ON waitpoints (idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    external_id TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    idempotency_key TEXT,
    document TEXT NOT NULL
  ) STRICT;
  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE TABLE streams (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE records (
    stream TEXT NOT NULL REFERENCES streams (name) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    headers TEXT NOT NULL,
    part TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
  ) STRICT;
  CREATE INDEX records_of_part ON records (stream, part) WHERE part IS NOT NULL;
  `,
];
