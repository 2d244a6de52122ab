import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../engine/ports.ts";
import { TABLES } from "../engine/tables.ts";
import { filterSuite } from "./store-filter-suite.ts";
import { pagingSuite } from "./store-paging-suite.ts";
import { aDrive, anySandbox, aSandbox, aSession, oneOfEach, putAll } from "./store-rows.ts";

/** A store of the test's own, empty; disposing of it closes it and deletes what it left. */
export type MakeStore = () => Promise<{ store: Store } & AsyncDisposable>;

/** What every store must do. */
export function storeSuite(name: string, makeStore: MakeStore): void {
  describe(`${name}: rows`, () => {
    rowSuite(makeStore);
  });
  describe(`${name}: filters`, () => {
    filterSuite(makeStore);
  });
  describe(`${name}: transactions`, () => {
    transactionSuite(makeStore);
  });
  describe(`${name}: paging`, () => {
    pagingSuite(makeStore);
  });
}

function rowSuite(makeStore: MakeStore): void {
  test("gives back what was put, in each table", async () => {
    await using made = await makeStore();
    const { store } = made;
    const rows = oneOfEach();
    putAll(store, rows);
    for (const name of Object.keys(TABLES) as (keyof typeof TABLES)[]) {
      expect(store[name].all(), name).toEqual(rows[name]);
      const [row] = rows[name];
      const key = name === "sandboxes" ? aSandbox().name : row?.id;
      expect(store[name].get(String(key)), name).toEqual(row);
    }
  });

  test("gives back any sandbox, whatever its texts hold", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    fc.assert(
      fc.property(anySandbox(), (sandbox) => {
        sandboxes.put(sandbox);
        expect(sandboxes.get(sandbox.name)).toEqual(sandbox);
      }),
    );
  });

  test("knows nothing of a key that was never put", async () => {
    await using made = await makeStore();
    expect(made.store.sandboxes.get("nobody")).toBeUndefined();
    expect(made.store.sandboxes.all()).toEqual([]);
    expect(made.store.sandboxes.page({ sortBy: "name", sortOrder: "asc", limit: 5 })).toEqual({
      items: [],
    });
  });

  test("replaces a row by its key, and finds it by its new fields only", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    sandboxes.put(aSandbox({ status: "running", tags: { team: "red" } }));
    const changed = aSandbox({ status: "stopped", tags: { team: "blue" } });
    sandboxes.put(changed);
    expect(sandboxes.all()).toEqual([changed]);
    expect(sandboxes.all({ equals: { status: "running" } })).toEqual([]);
    expect(sandboxes.all({ tags: { team: "red" } })).toEqual([]);
    expect(sandboxes.all({ tags: { team: "blue" } })).toEqual([changed]);
  });

  test("deletes a row, and its tags with it, and does not mind if it is not there", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    sandboxes.put(aSandbox({ tags: { team: "red" } }));
    sandboxes.delete(aSandbox().name);
    sandboxes.delete(aSandbox().name);
    expect(sandboxes.get(aSandbox().name)).toBeUndefined();
    // The same name again, without tags: those of the deleted row are not found with it.
    sandboxes.put(aSandbox());
    expect(sandboxes.all({ tags: { team: "red" } })).toEqual([]);
  });

  test("keeps its own copy of a row", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    const row = aSandbox({ env: { A: "1" } });
    sandboxes.put(row);
    row.env["A"] = "changed after the put";
    const read = sandboxes.get(row.name);
    if (read) read.env["A"] = "changed after the read";
    expect(sandboxes.get(row.name)?.env).toEqual({ A: "1" });
  });

  test("refuses a row that could not be read back, and keeps the one that was there", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    sandboxes.put(aSandbox());
    const broken = aSandbox({ createdAt: Number.NaN });
    expect(() => sandboxes.put(broken)).toThrow(expect.objectContaining({ code: "internal" }));
    expect(sandboxes.all()).toEqual([aSandbox()]);
  });

  test("is closed once, and says so to whoever comes later", async () => {
    await using made = await makeStore();
    const { store } = made;
    store.close();
    store.close();
    const closed = expect.objectContaining({ code: "engine_unavailable" });
    expect(() => store.drives.get("drive_1")).toThrow(closed);
    expect(() => store.drives.put(aDrive())).toThrow(closed);
    expect(() => store.drives.delete("drive_1")).toThrow(closed);
    expect(() => store.drives.all()).toThrow(closed);
    expect(() => store.transaction(() => 1)).toThrow(closed);
  });
}

function transactionSuite(makeStore: MakeStore): void {
  test("keeps all of a transaction and gives its result", async () => {
    await using made = await makeStore();
    const { store } = made;
    const result = store.transaction(() => {
      store.sandboxes.put(aSandbox({ tags: { a: "b" } }));
      store.sessions.put(aSession());
      return store.sandboxes.get(aSandbox().name)?.tags;
    });
    expect(result).toEqual({ a: "b" });
    expect([store.sandboxes.all().length, store.sessions.all().length]).toEqual([1, 1]);
  });

  test("takes all of a transaction back when its work throws, and passes the error on", async () => {
    await using made = await makeStore();
    const { store } = made;
    const before = aSandbox({ name: "before", tags: { a: "b" } });
    store.sandboxes.put(before);
    const reason = new Error("the work failed");
    const attempt = () =>
      store.transaction(() => {
        store.sandboxes.put({ ...before, tags: {} });
        store.sandboxes.put(aSandbox());
        store.sessions.put(aSession());
        store.sandboxes.delete("before");
        throw reason;
      });
    expect(attempt).toThrow(reason);
    expect(store.sandboxes.all({ tags: { a: "b" } })).toEqual([before]);
    expect(store.sandboxes.all()).toEqual([before]);
    expect(store.sessions.all()).toEqual([]);
  });

  test("refuses a transaction in a transaction, and takes the outer one back if that is not caught", async () => {
    await using made = await makeStore();
    const { store } = made;
    const nested = () =>
      store.transaction(() => {
        store.drives.put(aDrive());
        store.transaction(() => store.drives.put(aDrive({ id: "drive_2" })));
      });
    expect(nested).toThrow(expect.objectContaining({ code: "internal" }));
    expect(store.drives.all()).toEqual([]);
    store.transaction(() => store.drives.put(aDrive()));
    expect(store.drives.all()).toEqual([aDrive()]);
  });

  test("refuses work that would go on after it returned", async () => {
    await using made = await makeStore();
    const { store } = made;
    const later = () => store.transaction(async () => store.drives.put(aDrive()));
    expect(later).toThrow(expect.objectContaining({ code: "internal" }));
    expect(store.drives.all()).toEqual([]);
  });
}
