import { expect, test } from "vitest";
import { LIMITS } from "../contract/limits.ts";
import { TABLES } from "../engine/tables.ts";
import {
  aBuild,
  aCommand,
  aDrive,
  aLayer,
  aSandbox,
  aSecret,
  aSession,
  aSnapshot,
  aTemplate,
  putAll,
} from "./store-rows.ts";
import type { MakeStore } from "./store-suite.ts";

/** What every store must do when rows are asked for by their fields. */
export function filterSuite(makeStore: MakeStore): void {
  test("filters by every field that the tables declare", async () => {
    await using made = await makeStore();
    const { store } = made;
    const rows = {
      sandboxes: [
        aSandbox(),
        aSandbox({ name: "other", id: "box2", status: "stopped", region: "sfo1" }),
      ],
      sessions: [aSession(), aSession({ id: "sbx_2", sandboxName: "other", status: "stopped" })],
      commands: [aCommand(), aCommand({ id: "cmd_2", sessionId: "sbx_2", sandboxName: "other" })],
      snapshots: [
        aSnapshot({ parentId: "snap_0" }),
        aSnapshot({
          id: "snap_2",
          sandboxName: "other",
          sourceSessionId: "sbx_2",
          parentId: "snap_1",
          status: "deleted",
        }),
      ],
      drives: [aDrive(), aDrive({ id: "drive_2", name: "other" })],
      secrets: [aSecret(), aSecret({ id: "secret_2", name: "other" })],
      templates: [aTemplate(), aTemplate({ id: "tpl_2" })],
      builds: [aBuild(), aBuild({ id: "build_2", templateId: "tpl_2", status: "ready" })],
      layers: [aLayer(), aLayer({ id: "snap_3", recipe: "1f" })],
    };
    putAll(store, rows);
    for (const { name, filters } of Object.values(TABLES)) {
      const table = store[name as keyof typeof rows];
      for (const field of filters) {
        for (const row of rows[name as keyof typeof rows]) {
          const equals = { [field]: String(Reflect.get(row, field)) };
          expect(table.all({ equals }), `${name} by ${field}`).toEqual([row]);
        }
      }
    }
  });

  test("does not find an absent field by any text", async () => {
    await using made = await makeStore();
    made.store.snapshots.put(aSnapshot());
    for (const parentId of ["", "null", "undefined", "-Infinity"]) {
      expect(made.store.snapshots.all({ equals: { parentId } })).toEqual([]);
    }
  });

  test("takes each character of a prefix as itself", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    for (const name of ["a_b", "a-b", "a.b", "axb", "A_b", "a_bc"])
      sandboxes.put(aSandbox({ name }));
    const names = (namePrefix: string) =>
      sandboxes.all({ namePrefix }).map((sandbox) => sandbox.name);
    expect(names("a_")).toEqual(["a_b", "a_bc"]);
    expect(names("a_b")).toEqual(["a_b", "a_bc"]);
    expect(names("A")).toEqual(["A_b"]);
    expect(names("%")).toEqual([]);
    expect(names("a*")).toEqual([]);
    expect(names("\u{10ffff}")).toEqual([]);
    expect(names("")).toHaveLength(6);
  });

  test("finds a tag by its key and its value together, whatever characters they hold", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    const tag = { key: `it's "$.a[0]" \\ %_`, value: "Grüße\0 🙂" };
    const tagged = aSandbox({ name: "tagged", tags: { [tag.key]: tag.value, other: "value" } });
    sandboxes.put(tagged);
    sandboxes.put(aSandbox({ name: "crossed", tags: { [tag.key]: "value", other: tag.value } }));
    sandboxes.put(aSandbox({ name: "bare" }));
    expect(sandboxes.all({ tags: { [tag.key]: tag.value } })).toEqual([tagged]);
    expect(sandboxes.all({ tags: { missing: "value" } })).toEqual([]);
  });

  test("finds by as many tags as a sandbox may have, and by more than it has", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    const tags = Object.fromEntries(
      Array.from({ length: LIMITS.tags }, (_, index) => [`tag ${index}`, "yes"]),
    );
    const row = aSandbox({ tags });
    sandboxes.put(row);
    sandboxes.put(aSandbox({ name: "other", id: "box2", tags: { "tag 1": "yes" } }));
    expect(sandboxes.all({ tags })).toEqual([row]);
    expect(sandboxes.all({ tags: { ...tags, more: "yes" } })).toEqual([]);
  });

  test("keeps tags that differ only in characters that UTF-8 cannot hold", async () => {
    await using made = await makeStore();
    const row = aSandbox({ tags: { "\ud800": "1", "\ud801": "1" } });
    made.store.sandboxes.put(row);
    expect(made.store.sandboxes.get(row.name)).toEqual(row);
    expect(made.store.sandboxes.all({ tags: { "\ud801": "1" } })).toEqual([row]);
  });

  test("compares texts as UTF-8 holds them, in which all lone surrogates are one", async () => {
    await using made = await makeStore();
    const row = aCommand({ id: "cmd_\ud800", sandboxName: "\ud800" });
    made.store.commands.put(row);
    expect(made.store.commands.get("cmd_\udfff")).toEqual(row);
    expect(made.store.commands.all({ equals: { sandboxName: "\udfff" } })).toEqual([row]);
    expect(made.store.commands.all({ equals: { sandboxName: "?" } })).toEqual([]);
  });

  test("lets each given part of a filter hold", async () => {
    await using made = await makeStore();
    const { sandboxes } = made.store;
    const tags = { team: "red" };
    const match = aSandbox({ name: "web-1", status: "stopped", tags });
    for (const row of [
      match,
      aSandbox({ name: "web-2", status: "running", tags }),
      aSandbox({ name: "web-3", status: "stopped" }),
      aSandbox({ name: "api-1", status: "stopped", tags }),
    ]) {
      sandboxes.put(row);
    }
    const filter = {
      equals: { status: "stopped", region: "iad1" },
      namePrefix: "web-",
      tags: { team: "red" },
    };
    expect(sandboxes.all(filter)).toEqual([match]);
    expect(sandboxes.page({ ...filter, sortBy: "name", sortOrder: "desc", limit: 10 })).toEqual({
      items: [match],
    });
  });

  test("refuses a field, an order or a limit that it does not have", async () => {
    await using made = await makeStore();
    const { sessions } = made.store;
    const refused = expect.objectContaining({ code: "invalid_request" });
    const page = { sortBy: "createdAt", sortOrder: "asc", limit: 1 } as const;
    expect(() => sessions.all({ equals: { cwd: "/" } })).toThrow(refused);
    expect(() => sessions.all({ equals: { '" OR 1 --': "" } })).toThrow(refused);
    expect(() => sessions.all({ namePrefix: "a" })).toThrow(refused);
    expect(() => sessions.all({ tags: { a: "b" } })).toThrow(refused);
    expect(() => sessions.page({ ...page, sortBy: "cwd" })).toThrow(refused);
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => sessions.page({ ...page, limit })).toThrow(refused);
    }
  });
}
