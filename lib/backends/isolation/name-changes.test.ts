import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changesOf, type Notice, type Seen } from "./name-changes.ts";

function file(ino: number, changed: Partial<Seen> = {}): Seen {
  return {
    dev: 1,
    ino,
    bornAt: ino,
    modifiedAt: 1,
    changedAt: 1,
    size: 1,
    mode: 0o644,
    uid: 1,
    gid: 1,
    isDirectory: false,
    ...changed,
  };
}

const told = (
  notices: Notice[],
  before: Seen | undefined,
  after: Seen | undefined,
  isElsewhere = false,
) => changesOf({ notices, before, after, isElsewhere });

test("what came and went is told in turns, however much of it was missed", () => {
  expect(told(["rename"], undefined, file(1))).toEqual(["create"]);
  expect(told(["rename", "change"], undefined, file(1))).toEqual(["create", "write"]);
  expect(told(["rename", "change", "rename"], undefined, undefined)).toEqual(["create", "remove"]);
  expect(told(["rename"], file(1), undefined)).toEqual(["remove"]);
  expect(told(["rename"], file(1), undefined, true)).toEqual(["rename"]);
  expect(told(["rename", "rename"], file(1), file(2))).toEqual(["remove", "create"]);
  expect(told(["rename"], file(1), file(2))).toEqual(["create"]);
  expect(told(["change"], undefined, undefined)).toEqual([]);
});

test("what was changed is told apart: content, permissions, or neither", () => {
  expect(told(["change"], file(1), file(1, { size: 2 }))).toEqual(["write"]);
  expect(told(["change"], file(1), file(1, { mode: 0o600, changedAt: 2 }))).toEqual(["chmod"]);
  expect(told(["change"], file(1), file(1, { modifiedAt: 2, uid: 2 }))).toEqual(["write", "chmod"]);
  // Twice in one tick of the file system's clock.
  expect(told(["change"], file(1), file(1))).toEqual(["write"]);
  // Attributes that are no permissions.
  expect(told(["change"], file(1), file(1, { changedAt: 2 }))).toEqual([]);
  const directory = (mode: number) => file(1, { isDirectory: true, mode });
  expect(told(["change"], directory(0o755), directory(0o700))).toEqual(["chmod"]);
  expect(told(["change"], directory(0o755), directory(0o755))).toEqual([]);
});

test("what was there when its directory was first looked at is not told of again", () => {
  expect(told(["rename"], file(1), file(1))).toEqual([]);
});

test("whatever is told, a reader who follows it knows what is there", () => {
  const notice = fc.constantFrom<Notice>("rename", "change");
  const seen = fc.option(
    fc.integer({ min: 1, max: 3 }).map((ino) => file(ino)),
    { nil: undefined },
  );
  const property = fc.property(
    fc.array(notice, { maxLength: 6 }),
    seen,
    seen,
    fc.boolean(),
    (notices, before, after, isElsewhere) => {
      // Without a notice of its name nothing comes, goes or is another thing.
      fc.pre(before?.ino === after?.ino || notices.includes("rename"));
      let isThere = before !== undefined;
      for (const change of told(notices, before, after, isElsewhere)) {
        if (change === "create") isThere = true;
        else if (change === "remove" || change === "rename") isThere = false;
        else expect(isThere).toBe(true);
      }
      expect(isThere).toBe(after !== undefined);
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});
