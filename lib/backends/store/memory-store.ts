import { SandboxError } from "../../contract/errors.ts";
import type { Page } from "../../contract/page.ts";
import type { Store, Table, TableFilter, TableQuery } from "../../engine/ports.ts";
import { TABLES, type TableDefinition } from "../../engine/tables.ts";
import { decodeCursor, encodeCursor, type Position } from "./cursor.ts";
import { ABSENT, compareIndexed, type IndexedValue, indexedText } from "./indexed-value.ts";
import { type EncodedRow, RowCodec } from "./row-codec.ts";
import { Transactions } from "./transactions.ts";

/**
 * A store that ends with the process: for tests, and for engines that shall leave nothing behind.
 * It answers exactly as the durable one does, cursors included. Rows are kept as documents, so
 * that a row that was put or read may be changed without changing what is stored.
 */
export function memoryStore(): Store {
  const transactions = new Transactions();
  const tables: Pick<MemoryTable<unknown>, "checkpoint">[] = [];
  let closed = false;
  const assertOpen = () => {
    if (closed) throw new SandboxError("engine_unavailable", "The store has been closed.");
  };
  const table = <Row>(definition: TableDefinition<Row>): Table<Row> => {
    const made = new MemoryTable({ definition, assertOpen });
    tables.push(made);
    return made;
  };
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
    transaction(work) {
      assertOpen();
      let restore: (() => void)[] = [];
      return transactions.run(work, {
        begin: () => {
          restore = tables.map((each) => each.checkpoint());
        },
        commit: assertOpen,
        rollback: () => {
          for (const call of restore) call();
        },
      });
    },
    close() {
      closed = true;
    },
  };
}

interface MemoryTableOptions<Row> {
  definition: TableDefinition<Row>;
  assertOpen: () => void;
}

class MemoryTable<Row> implements Table<Row> {
  readonly #codec: RowCodec<Row>;
  readonly #assertOpen: () => void;
  #rows = new Map<string, EncodedRow>();

  constructor({ definition, assertOpen }: MemoryTableOptions<Row>) {
    this.#codec = new RowCodec(definition);
    this.#assertOpen = assertOpen;
  }

  /** Remembers the rows as they are now; calling the result brings them back. */
  checkpoint(): () => void {
    const rows = new Map(this.#rows);
    return () => {
      this.#rows = rows;
    };
  }

  get(key: string): Row | undefined {
    this.#assertOpen();
    const row = this.#rows.get(indexedText(key));
    return row && this.#codec.decode(row.document);
  }

  put(row: Row): void {
    this.#assertOpen();
    const encoded = this.#codec.encode(row);
    this.#rows.set(encoded.key, encoded);
  }

  delete(key: string): void {
    this.#assertOpen();
    this.#rows.delete(indexedText(key));
  }

  page(query: TableQuery): Page<Row> {
    this.#assertOpen();
    this.#codec.check(query);
    const { sortBy, sortOrder, limit, cursor } = query;
    const ordering = { list: this.#codec.definition.name, sortBy, sortOrder };
    const after = cursor === undefined ? undefined : decodeCursor(cursor, ordering);
    const direction = sortOrder === "asc" ? 1 : -1;
    const compare = (left: Position, right: Position) => direction * comparePositions(left, right);
    const rows = this.#matching(query)
      .map((row) => ({ row, value: this.#column(row, sortBy), key: row.key }))
      .filter((row) => after === undefined || compare(row, after) > 0)
      .toSorted(compare);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(({ row }) => this.#codec.decode(row.document)),
      ...(last && rows.length > limit && { next: encodeCursor(last, ordering) }),
    };
  }

  all(filter: TableFilter = {}): Row[] {
    this.#assertOpen();
    this.#codec.check(filter);
    const [age = ""] = this.#codec.definition.sorts;
    return this.#matching(filter)
      .map((row) => ({ row, value: this.#column(row, age), key: row.key }))
      .toSorted(comparePositions)
      .map(({ row }) => this.#codec.decode(row.document));
  }

  #column(row: EncodedRow, field: string): IndexedValue {
    return row.columns[this.#codec.columns.indexOf(field)] ?? ABSENT;
  }

  #matching({ equals = {}, oneOf = {}, namePrefix, tags = {} }: TableFilter): EncodedRow[] {
    const { nameField = "" } = this.#codec.definition;
    return [...this.#rows.values()].filter((row) => {
      for (const [field, value] of Object.entries(equals)) {
        if (this.#column(row, field) !== indexedText(value)) return false;
      }
      for (const [field, values] of Object.entries(oneOf)) {
        const own = this.#column(row, field);
        if (!values.some((value) => own === indexedText(value))) return false;
      }
      if (namePrefix) {
        const name = this.#column(row, nameField);
        if (typeof name !== "string" || !name.startsWith(indexedText(namePrefix))) return false;
      }
      return Object.entries(tags).every(([wanted, text]) =>
        row.tags.some(([key, value]) => key === indexedText(wanted) && value === indexedText(text)),
      );
    });
  }
}

function comparePositions(left: Position, right: Position): number {
  return compareIndexed(left.value, right.value) || compareIndexed(left.key, right.key);
}
