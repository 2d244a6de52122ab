import { resolve } from "node:path";
import type { Store, Table } from "../../engine/ports.ts";
import { TABLES, type TableDefinition } from "../../engine/tables.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { SqliteTable } from "./sqlite-table.ts";

/**
 * Opens the store in a file, making it and its folder if they are not there; `close` ends it.
 *
 * What a write has acknowledged by returning survives the end of this process, however it ends; a
 * power failure may undo the last few writes, in order and never by halves. Several processes may
 * have the file open: each write waits up to five seconds for another's, then throws
 * `engine_unavailable`. A full disk is `storage_full`, and leaves what was stored as it was.
 *
 * Throws `state_corrupt`, here or when a row is read, for a file that is damaged, belongs to
 * another program or was written by a newer version; such a file is never changed or deleted.
 */
export function openSqliteStore({ file }: { file: string }): Store {
  const connection = new SqliteConnection(resolve(file));
  const table = <Row>(definition: TableDefinition<Row>): Table<Row> =>
    new SqliteTable({ connection, definition });
  return {
    sandboxes: table(TABLES.sandboxes),
    sessions: table(TABLES.sessions),
    commands: table(TABLES.commands),
    snapshots: table(TABLES.snapshots),
    drives: table(TABLES.drives),
    secrets: table(TABLES.secrets),
    templates: table(TABLES.templates),
    builds: table(TABLES.builds),
    layers: table(TABLES.layers),
    transaction: (work) => connection.transaction(work),
    close: () => connection.close(),
  };
}
