import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Sandbox } from "../contract/sandbox.ts";
import type { Store, TableFilter, TableQuery } from "../engine/ports.ts";
import type { MakeStore } from "./store-suite.ts";
import { aSandbox, aSnapshot, anySandboxes } from "./store-rows.ts";

// `FUZZ_RUNS=10000` makes the long run.
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 100);

const anyOrder = fc.record({
  sortBy: fc.constantFrom("createdAt", "name", "statusUpdatedAt", "currentSnapshotId"),
  sortOrder: fc.constantFrom("asc", "desc"),
  limit: fc.integer({ min: 1, max: 12 }),
});

const anyFilter: fc.Arbitrary<TableFilter> = fc.record(
  {
    equals: fc.record({ status: fc.constantFrom("running", "stopped") }),
    namePrefix: fc.stringMatching(/^[A-Za-z0-9._-]{0,2}$/),
    oneOf: fc.record({ status: fc.subarray(["running", "stopped", "paused"]) }),
    tags: fc.dictionary(fc.constantFrom("a", "ä"), fc.constantFrom("1", "2"), {
      noNullPrototype: true,
    }),
  },
  { requiredKeys: [] },
);

/** What every store must do when a list is read page by page. */
export function pagingSuite(makeStore: MakeStore): void {
  test("gives each matching row once and in order, whatever the rows, the order and the limit", async () => {
    await using made = await makeStore();
    const { store } = made;
    fc.assert(
      fc.property(anySandboxes(), anyOrder, anyFilter, (rows, order, filter) => {
        fill(store, rows);
        const expected = plainSort(rows.filter(matches(filter)), order);
        const pages = allPages(store, { ...filter, ...order });
        expect(pages.flat().map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
        expect(pages.flat()).toEqual(expected);
        // Every page but the last is full, and the last one is empty only if there is no other.
        expect(pages.slice(0, -1).every((page) => page.length === order.limit)).toBe(true);
        expect(pages.length === 1 || (pages.at(-1)?.length ?? 0) > 0).toBe(true);
      }),
      { numRuns },
    );
  });

  test("gives all rows of a filter, oldest first", async () => {
    await using made = await makeStore();
    const { store } = made;
    fc.assert(
      fc.property(anySandboxes(), anyFilter, (rows, filter) => {
        fill(store, rows);
        const expected = plainSort(rows.filter(matches(filter)), OLDEST_FIRST);
        expect(store.sandboxes.all(filter)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  test("neither repeats nor misses a row that stays while others come and go between pages", async () => {
    await using made = await makeStore();
    const { store } = made;
    fc.assert(
      fc.property(anySandboxes(), anyOrder, fc.infiniteStream(fc.nat(3)), (rows, order, dice) => {
        const staying = rows.filter((_, index) => index % 2 === 0);
        const moving = rows.filter((_, index) => index % 2 === 1);
        fill(store, rows);
        const seen: string[] = [];
        for (let cursor: string | undefined; ;) {
          const page = store.sandboxes.page({ ...order, ...(cursor !== undefined && { cursor }) });
          seen.push(...page.items.map(({ name }) => name));
          cursor = page.next;
          if (cursor === undefined) break;
          // Also the row that the cursor names may go.
          for (const row of moving) {
            const thrown = dice.next().value;
            if (thrown === 0) store.sandboxes.delete(row.name);
            if (thrown === 1) store.sandboxes.put(row);
          }
        }
        const names = new Set(staying.map(({ name }) => name));
        expect(seen.filter((name) => names.has(name))).toEqual(
          plainSort(staying, order).map(({ name }) => name),
        );
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { numRuns },
    );
  });

  test("gives no cursor when the last row just fits", async () => {
    await using made = await makeStore();
    fill(made.store, [aSandbox({ name: "a" }), aSandbox({ name: "b" })]);
    const page = made.store.sandboxes.page({ sortBy: "name", sortOrder: "asc", limit: 2 });
    expect(page).toEqual({ items: [aSandbox({ name: "a" }), aSandbox({ name: "b" })] });
  });

  test("sorts an absent value first, and last when turned round", async () => {
    await using made = await makeStore();
    const { store } = made;
    const rows = [
      aSandbox({ name: "b", currentSnapshotId: "" }),
      aSandbox({ name: "a" }),
      aSandbox({ name: "c", currentSnapshotId: "snap_1" }),
    ];
    fill(store, rows);
    const names = (sortOrder: "asc" | "desc") =>
      allPages(store, { sortBy: "currentSnapshotId", sortOrder, limit: 1 })
        .flat()
        .map(({ name }) => name);
    expect(names("asc")).toEqual(["a", "b", "c"]);
    expect(names("desc")).toEqual(["c", "b", "a"]);
  });

  test("says of a cursor of another list or order that it belongs there", async () => {
    await using made = await makeStore();
    const { store } = made;
    fill(store, [aSandbox({ name: "a" }), aSandbox({ name: "b" })]);
    store.snapshots.put(aSnapshot());
    const order = { sortBy: "createdAt", sortOrder: "asc", limit: 1 } as const;
    const cursor = store.sandboxes.page(order).next ?? "";
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    const foreign = expect.objectContaining({
      code: "invalid_request",
      message: expect.stringContaining("belongs to another list"),
    });
    expect(() => store.snapshots.page({ ...order, cursor })).toThrow(foreign);
    expect(() => store.sandboxes.page({ ...order, sortBy: "name", cursor })).toThrow(foreign);
    expect(() => store.sandboxes.page({ ...order, sortOrder: "desc", cursor })).toThrow(foreign);
    expect(store.sandboxes.page({ ...order, cursor }).items).toEqual([aSandbox({ name: "b" })]);
  });

  test("refuses any text as a cursor that no list gave out", async () => {
    await using made = await makeStore();
    const { store } = made;
    const refused = expect.objectContaining({ code: "invalid_request" });
    const order = { sortBy: "createdAt", sortOrder: "asc", limit: 1 } as const;
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const genuine = { v: 1, list: "sandboxes", sortBy: "createdAt", sortOrder: "asc" };
    const forged = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.jsonValue().map(encode),
      fc.constantFrom(
        encode({ ...genuine, v: 2, value: 1, key: "a" }),
        encode({ ...genuine, value: [1], key: "a" }),
        encode({ ...genuine, value: 1 }),
        encode({ ...genuine, value: 1, key: "a", more: true }),
        `${encode({ ...genuine, value: 1, key: "a" })}!`,
      ),
    );
    fc.assert(
      fc.property(forged, (cursor) => {
        expect(() => store.sandboxes.page({ ...order, cursor })).toThrow(refused);
      }),
      { numRuns },
    );
  });
}

function fill(store: Store, rows: Sandbox[]): void {
  store.transaction(() => {
    for (const { name } of store.sandboxes.all()) store.sandboxes.delete(name);
    for (const row of rows) store.sandboxes.put(row);
  });
}

/** Reads to the end; one page more than there can be means that it never ends. */
function allPages(store: Store, query: TableQuery): Sandbox[][] {
  const pages: Sandbox[][] = [];
  let cursor: string | undefined;
  do {
    const page = store.sandboxes.page({ ...query, ...(cursor !== undefined && { cursor }) });
    pages.push(page.items);
    cursor = page.next;
  } while (cursor !== undefined && pages.length <= 40);
  expect(cursor).toBeUndefined();
  return pages;
}

const OLDEST_FIRST = { sortBy: "createdAt", sortOrder: "asc" } as const;

function plainSort(
  rows: Sandbox[],
  { sortBy, sortOrder }: Pick<TableQuery, "sortBy" | "sortOrder">,
) {
  const sorted = rows.toSorted((left, right) => {
    const [a, b]: unknown[] = [Reflect.get(left, sortBy), Reflect.get(right, sortBy)];
    if (a !== b && a === undefined) return -1;
    if (a !== b && b === undefined) return 1;
    const byValue =
      typeof a === "number" && typeof b === "number" ? a - b : byCodePoints(String(a), String(b));
    return byValue || byCodePoints(left.name, right.name);
  });
  return sortOrder === "asc" ? sorted : sorted.reverse();
}

// Written another way than the stores do it: characters one by one, not bytes.
function byCodePoints(left: string, right: string): number {
  const [a, b] = [left, right].map((text) =>
    Array.from(text.toWellFormed(), (character) => character.codePointAt(0) ?? 0),
  ) as [number[], number[]];
  for (const [index, codePoint] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (codePoint !== other) return codePoint - other;
  }
  return a.length - b.length;
}

function matches(filter: TableFilter): (row: Sandbox) => boolean {
  const { equals, oneOf, namePrefix = "", tags = {} } = filter;
  return (row) =>
    (equals?.["status"] === undefined || row.status === equals["status"]) &&
    (oneOf?.["status"]?.includes(row.status) ?? true) &&
    row.name.startsWith(namePrefix) &&
    Object.entries(tags).every(([key, value]) => row.tags?.[key] === value);
}
