import type { SQLInputValue } from "node:sqlite";
import type { Page } from "../../contract/page.ts";
import type { Table, TableFilter, TableQuery } from "../../engine/ports.ts";
import type { TableDefinition } from "../../engine/tables.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { afterPrefix, indexedField, indexedText } from "./indexed-value.ts";
import { RowCodec } from "./row-codec.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { damaged } from "./state-file-faults.ts";

interface SqliteTableOptions<Row> {
  connection: SqliteConnection;
  definition: TableDefinition<Row>;
}

interface Conditions {
  sql: string[];
  values: SQLInputValue[];
}

/** One table of a state file. */
export class SqliteTable<Row> implements Table<Row> {
  readonly #connection: SqliteConnection;
  readonly #codec: RowCodec<Row>;
  readonly #upsert: string;

  constructor({ connection, definition }: SqliteTableOptions<Row>) {
    this.#connection = connection;
    this.#codec = new RowCodec(definition);
    const columns = [...this.#codec.columns.map(quoted), "document"];
    this.#upsert = `INSERT INTO ${definition.name} (key, ${columns.join(", ")})
      VALUES (?${", ?".repeat(columns.length)})
      ON CONFLICT (key) DO UPDATE SET ${columns.map((each) => `${each} = excluded.${each}`).join(", ")}`;
  }

  get(key: string): Row | undefined {
    const row = this.#connection.first(
      `SELECT key, document FROM ${this.#name} WHERE key = ?`,
      indexedText(key),
    );
    return row && this.#decode(row);
  }

  put(row: Row): void {
    const { key, document, columns, tags } = this.#codec.encode(row);
    const write = () => this.#connection.run(this.#upsert, key, ...columns, document);
    if (this.#codec.definition.tagsField === undefined) return write();
    this.#connection.atomically(() => {
      write();
      this.#connection.run(`DELETE FROM ${this.#name}_tags WHERE key = ?`, key);
      // Tags that differ only in what UTF-8 cannot hold are one here.
      const insert = `INSERT OR IGNORE INTO ${this.#name}_tags (tag, value, key) VALUES (?, ?, ?)`;
      for (const [tag, value] of tags) this.#connection.run(insert, tag, value, key);
    });
  }

  delete(key: string): void {
    this.#connection.run(`DELETE FROM ${this.#name} WHERE key = ?`, indexedText(key));
  }

  page(query: TableQuery): Page<Row> {
    this.#codec.check(query);
    const { sortBy, sortOrder, limit, cursor } = query;
    const ordering = { list: this.#name, sortBy, sortOrder };
    const { sql, values } = this.#conditions(query);
    if (cursor !== undefined) {
      const { value, key } = decodeCursor(cursor, ordering);
      sql.push(`(${quoted(sortBy)}, key) ${sortOrder === "asc" ? ">" : "<"} (?, ?)`);
      values.push(value, key);
    }
    // One more than asked for tells whether there is a next page.
    const rows = this.#connection.list(
      `SELECT key, document FROM ${this.#name} ${where(sql)}
        ORDER BY ${quoted(sortBy)} ${sortOrder}, key ${sortOrder} LIMIT ?`,
      ...values,
      limit + 1,
    );
    const items = rows.slice(0, limit).map((row) => this.#decode(row));
    const last = items.at(-1);
    if (last === undefined || rows.length <= limit) return { items };
    const key = indexedText(this.#codec.definition.key(last));
    return { items, next: encodeCursor({ value: indexedField(last, sortBy), key }, ordering) };
  }

  all(filter: TableFilter = {}): Row[] {
    this.#codec.check(filter);
    const { sql, values } = this.#conditions(filter);
    const [age] = this.#codec.definition.sorts;
    const order = [...(age === undefined ? [] : [quoted(age)]), "key"].join(", ");
    return this.#connection
      .list(`SELECT key, document FROM ${this.#name} ${where(sql)} ORDER BY ${order}`, ...values)
      .map((row) => this.#decode(row));
  }

  get #name(): string {
    return this.#codec.definition.name;
  }

  #conditions({ equals = {}, oneOf = {}, namePrefix, tags = {} }: TableFilter): Conditions {
    const sql: string[] = [];
    const values: SQLInputValue[] = [];
    for (const [field, value] of Object.entries(equals)) {
      sql.push(`${quoted(field)} = ?`);
      values.push(indexedText(value));
    }
    for (const [field, wanted] of Object.entries(oneOf)) {
      sql.push(`${quoted(field)} IN (${wanted.map(() => "?").join(", ")})`);
      values.push(...wanted.map(indexedText));
    }
    const { nameField } = this.#codec.definition;
    if (namePrefix && nameField !== undefined) {
      // A range, which an index answers, and in which no character has a meaning of its own.
      sql.push(`${quoted(nameField)} >= ?`);
      values.push(indexedText(namePrefix));
      const end = afterPrefix(namePrefix);
      if (end !== undefined) {
        sql.push(`${quoted(nameField)} < ?`);
        values.push(end);
      }
    }
    const pairs = distinctPairs(tags);
    if (pairs.length > 0) {
      // One condition for all: SQLite takes no more than a thousand beside each other.
      const rows = pairs.map(() => "(?, ?)").join(", ");
      const found = `SELECT key FROM ${this.#name}_tags WHERE (tag, value) IN (VALUES ${rows})`;
      sql.push(`key IN (${found} GROUP BY key HAVING count(*) = ?)`);
      values.push(...pairs.flat(), pairs.length);
    }
    return { sql, values };
  }

  #decode({ key, document }: Record<string, unknown>): Row {
    try {
      return this.#codec.decode(String(document));
    } catch (error) {
      throw damaged(
        this.#connection.file,
        `the record ${JSON.stringify(key)} of ${this.#name} cannot be read`,
        error,
      );
    }
  }
}

/** Two that differ only in what UTF-8 cannot hold are one. */
function distinctPairs(tags: Readonly<Record<string, string>>): string[][] {
  const pairs = Object.entries(tags).map((pair) => pair.map((text) => indexedText(text)));
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()];
}

function where(conditions: string[]): string {
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}

/** Names of fields come from `tables.ts`, and `RowCodec.check` lets no others through. */
function quoted(field: string): string {
  return `"${field}"`;
}
