import { SandboxError } from "../../contract/errors.ts";
import type { TableFilter, TableQuery } from "../../engine/ports.ts";
import type { TableDefinition } from "../../engine/tables.ts";
import { type IndexedValue, indexedField, indexedText } from "./indexed-value.ts";

/** A row as stores keep it: the document is the truth, the columns are what it is found by. */
export interface EncodedRow {
  key: string;
  document: string;
  /** In the order of `RowCodec.columns`. */
  columns: IndexedValue[];
  tags: [key: string, value: string][];
}

/** Turns the rows of one table into what a store keeps, and back. */
export class RowCodec<Row> {
  readonly definition: TableDefinition<Row>;
  /** Every field that a query may name. */
  readonly columns: readonly string[];

  constructor(definition: TableDefinition<Row>) {
    this.definition = definition;
    const { filters, sorts, nameField } = definition;
    this.columns = [...new Set([...filters, ...sorts, ...(nameField ? [nameField] : [])])];
  }

  /** Throws `internal` for a row that could not be read back, before anything is written. */
  encode(row: Row): EncodedRow {
    const { schema, key, name, tagsField } = this.definition;
    const checked = schema.safeParse(row);
    if (!checked.success) {
      throw new SandboxError(
        "internal",
        `A record of ${name} was not stored, because it could not be read back: ${checked.error.message}`,
        { cause: checked.error },
      );
    }
    return {
      key: indexedText(key(checked.data)),
      document: JSON.stringify(checked.data),
      columns: this.columns.map((field) => indexedField(checked.data, field)),
      tags: tagsField === undefined ? [] : tagsOf(checked.data, tagsField),
    };
  }

  /** Throws whatever `JSON.parse` or the schema throw. */
  decode(document: string): Row {
    return this.definition.schema.parse(JSON.parse(document));
  }

  /** Throws `invalid_request` for a query that names what this table does not have. */
  check(query: TableFilter & Partial<TableQuery>): void {
    const { name, filters, sorts, nameField, tagsField } = this.definition;
    for (const field of Object.keys({ ...query.equals, ...query.oneOf })) {
      if (!filters.includes(field)) throw notOffered(`filter ${name} by ${field}`, filters);
    }
    if (query.sortBy !== undefined && !sorts.includes(query.sortBy)) {
      throw notOffered(`sort ${name} by ${query.sortBy}`, sorts);
    }
    if (query.namePrefix !== undefined && nameField === undefined) {
      throw notOffered(`search ${name} by the beginning of a name`, filters);
    }
    if (query.tags && tagsField === undefined) throw notOffered(`filter ${name} by tag`, filters);
    if (query.limit !== undefined && !(Number.isSafeInteger(query.limit) && query.limit > 0)) {
      throw new SandboxError(
        "invalid_request",
        `A page of ${query.limit} ${name} was asked for; the limit is a whole number from 1.`,
      );
    }
  }
}

function notOffered(asked: string, offered: readonly string[]): SandboxError {
  return new SandboxError(
    "invalid_request",
    `It is not possible to ${asked}. Possible are: ${offered.join(", ")}.`,
  );
}

function tagsOf(row: unknown, field: string): [string, string][] {
  const tags: unknown = typeof row === "object" && row !== null ? Reflect.get(row, field) : {};
  return Object.entries(tags ?? {}).map(([key, value]) => [
    indexedText(key),
    indexedText(String(value)),
  ]);
}
