/**
 * How a state file came to be, one step per version: step n turns version n into version n + 1.
 * A step that was published never changes; what changes is added as a new step, also when it is
 * only an index for a field that `tables.ts` has got.
 *
 * A table holds each row as a JSON document, and beside it the fields by which rows are found and
 * sorted. These have the type ANY, as in a STRICT table it keeps a value just as it was given: an
 * absent value stands there as minus infinity, which comes before all numbers and all texts. The
 * document is the last column, so that what scans the others need not read it.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sandboxes (
    key TEXT PRIMARY KEY NOT NULL,
    "status" ANY NOT NULL,
    "region" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    "name" ANY NOT NULL,
    "statusUpdatedAt" ANY NOT NULL,
    "currentSnapshotId" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sandboxes_by_age ON sandboxes ("createdAt", key);
  CREATE INDEX sandboxes_by_name ON sandboxes ("name", key);
  CREATE INDEX sandboxes_by_change ON sandboxes ("statusUpdatedAt", key);
  CREATE INDEX sandboxes_by_snapshot ON sandboxes ("currentSnapshotId", key);
  CREATE INDEX sandboxes_of_status ON sandboxes ("status", "createdAt", key);

  CREATE TABLE sandboxes_tags (
    tag TEXT NOT NULL,
    value TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES sandboxes (key) ON DELETE CASCADE,
    PRIMARY KEY (tag, value, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sandboxes_tags_of_row ON sandboxes_tags (key);

  CREATE TABLE sessions (
    key TEXT PRIMARY KEY NOT NULL,
    "sandboxName" ANY NOT NULL,
    "status" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_age ON sessions ("createdAt", key);
  CREATE INDEX sessions_of_sandbox ON sessions ("sandboxName", "createdAt", key);
  CREATE INDEX sessions_of_status ON sessions ("status", "createdAt", key);

  CREATE TABLE commands (
    key TEXT PRIMARY KEY NOT NULL,
    "sessionId" ANY NOT NULL,
    "sandboxName" ANY NOT NULL,
    "startedAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX commands_by_age ON commands ("startedAt", key);
  CREATE INDEX commands_of_session ON commands ("sessionId", "startedAt", key);
  CREATE INDEX commands_of_sandbox ON commands ("sandboxName", "startedAt", key);

  CREATE TABLE snapshots (
    key TEXT PRIMARY KEY NOT NULL,
    "sandboxName" ANY NOT NULL,
    "status" ANY NOT NULL,
    "parentId" ANY NOT NULL,
    "sourceSessionId" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX snapshots_by_age ON snapshots ("createdAt", key);
  CREATE INDEX snapshots_of_sandbox ON snapshots ("sandboxName", "createdAt", key);
  CREATE INDEX snapshots_of_status ON snapshots ("status", "createdAt", key);
  CREATE INDEX snapshots_of_parent ON snapshots ("parentId", "createdAt", key);
  CREATE INDEX snapshots_of_session ON snapshots ("sourceSessionId", "createdAt", key);

  CREATE TABLE drives (
    key TEXT PRIMARY KEY NOT NULL,
    "name" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    "updatedAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX drives_by_age ON drives ("createdAt", key);
  CREATE INDEX drives_by_change ON drives ("updatedAt", key);
  CREATE INDEX drives_by_name ON drives ("name", key);
  `,
  // Every sandbox gets an id beside its name: those that have none yet, a made-up one.
  `
  ALTER TABLE sandboxes ADD COLUMN "id" ANY NOT NULL DEFAULT '';
  UPDATE sandboxes SET document = json_set(document, '$.id', lower(hex(randomblob(10))))
    WHERE json_extract(document, '$.id') IS NULL;
  UPDATE sandboxes SET "id" = json_extract(document, '$.id');
  CREATE INDEX sandboxes_by_id ON sandboxes ("id");
  `,
  // Secrets, and templates with their builds and what the steps of these left.
  `
  CREATE TABLE secrets (
    key TEXT PRIMARY KEY NOT NULL,
    "name" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    "updatedAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX secrets_by_age ON secrets ("createdAt", key);
  CREATE INDEX secrets_by_change ON secrets ("updatedAt", key);
  CREATE INDEX secrets_by_name ON secrets ("name", key);

  CREATE TABLE templates (
    key TEXT PRIMARY KEY NOT NULL,
    "createdAt" ANY NOT NULL,
    "updatedAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX templates_by_age ON templates ("createdAt", key);
  CREATE INDEX templates_by_change ON templates ("updatedAt", key);

  CREATE TABLE builds (
    key TEXT PRIMARY KEY NOT NULL,
    "templateId" ANY NOT NULL,
    "status" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX builds_by_age ON builds ("createdAt", key);
  CREATE INDEX builds_of_template ON builds ("templateId", "createdAt", key);
  CREATE INDEX builds_of_status ON builds ("status", "createdAt", key);

  CREATE TABLE layers (
    key TEXT PRIMARY KEY NOT NULL,
    "recipe" ANY NOT NULL,
    "createdAt" ANY NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX layers_by_age ON layers ("createdAt", key);
  CREATE INDEX layers_of_recipe ON layers ("recipe", "createdAt", key);
  `,
];
