import type { Stats } from "node:fs";
import { expect, test } from "vitest";
import { groupsOf, rootGuard, userGuard } from "./user-guard.ts";

const ids = { kind: "range", base: 100_000, count: 65_536 } as const;
const USER = { uid: 101_000, gid: 101_000 };
const ROOT = { uid: 100_000, gid: 100_000 };
const HOST = { uid: 0, gid: 0 };

function thing({ uid, gid }: { uid: number; gid: number }, mode: number): Stats {
  return { uid, gid, mode } as Stats;
}

const user = userGuard({ ids, uid: 1_000, gid: 1_000, groups: () => [33] });
const root = rootGuard(ids);

/** Which of the questions are answered with yes. */
function allowed(guard: typeof user, stats: Stats): string[] {
  const questions = {
    search: () => guard.mustSearch(stats),
    read: () => guard.mustRead(stats),
    add: () => guard.mustAdd(stats),
    own: () => guard.mustOwn(stats),
    give: () => guard.mustGive(stats, { uid: 101_000 }),
    delete: () => guard.mustDelete(stats, () => thing(HOST, 0o644)),
  };
  const may = Object.entries(questions).filter(([, ask]) => {
    try {
      ask();
      return true;
    } catch {
      return false;
    }
  });
  return [...may.map(([name]) => name), ...(guard.mayWrite(stats) ? ["write"] : [])];
}

test("root may everything with what is the sandbox's, and with the host's only what everybody may", () => {
  const everything = ["search", "read", "add", "own", "give", "delete", "write"];
  expect(allowed(root, thing(USER, 0))).toEqual(everything);
  expect(allowed(root, thing(ROOT, 0o40000))).toEqual(everything);
  expect(allowed(root, thing(HOST, 0o20666))).toEqual(["read", "write"]);
  expect(allowed(root, thing(HOST, 0o40755))).toEqual(["search", "read"]);
  expect(allowed(root, thing({ uid: 100_000, gid: 0 }, 0o600))).toEqual([]);
  expect(allowed(root, thing({ uid: 165_536, gid: 165_536 }, 0o640))).toEqual([]);
});

test("root gives nothing to an id of the host's", () => {
  for (const given of [{ uid: 0 }, { gid: 0 }, { uid: 165_536 }, { uid: 99_999 }]) {
    expect(() => root.mustGive(thing(ROOT, 0), given)).toThrow("not permitted");
  }
});

test("the default user may what owner, group and mode say", () => {
  expect(allowed(user, thing(USER, 0o40700))).toEqual([
    "search",
    "read",
    "add",
    "own",
    "give",
    "delete",
    "write",
  ]);
  expect(allowed(user, thing(USER, 0o077))).toEqual(["own", "give"]);
  expect(allowed(user, thing({ uid: 100_000, gid: 100_033 }, 0o060))).toEqual(["read", "write"]);
  expect(allowed(user, thing(ROOT, 0o40755))).toEqual(["search", "read"]);
  // Of a sticky directory only what is his own.
  expect(allowed(user, thing(ROOT, 0o41777))).toEqual(["search", "read", "add", "write"]);
  expect(() => user.mustDelete(thing(ROOT, 0o41777), () => thing(USER, 0))).not.toThrow();
});

test("the default user gives what is his to nobody, but to a group of his", () => {
  expect(() => user.mustGive(thing(USER, 0), { uid: 100_000 })).toThrow("not permitted");
  expect(() => user.mustGive(thing(USER, 0), { gid: 100_000 })).toThrow("not permitted");
  expect(() => user.mustGive(thing(ROOT, 0), { uid: 101_000 })).toThrow("not permitted");
  expect(() => user.mustGive(thing(USER, 0), { gid: 100_033 })).not.toThrow();
});

test("a user is in the groups that list him by an id of the sandbox's, whatever else its root has written", () => {
  const lines = [
    "users:x:33:ada,bob",
    "again:x:33:bob",
    "others:x:34:ada",
    "root-of-the-host:x:-100000:bob",
    "above:x:65536:bob",
    "wide:x:4294967296:bob",
    "odd:x:0x21:bob",
    "none:x::bob",
    "cut:x:35",
    "last:x:65535:bob",
  ];
  expect(groupsOf("bob", lines.join("\n"), ids)).toEqual([33, 65_535]);
});
