import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asNamespaceRoot,
  chooseIdMap,
  hostGid,
  hostUid,
  type IdMap,
  writeIdMap,
} from "./id-map.ts";
import { rangeBeside, rangeWithin } from "./root-range.ts";
import { fileOf, findSubordinateIds, firstUnclaimed } from "./sub-ids.ts";

const RANGE: IdMap = { kind: "range", base: 1_900_000_000, count: 65_536 };
const SUBID: IdMap = {
  kind: "subid",
  uid: 1_001,
  gid: 1_002,
  subuid: 100_000,
  subgid: 200_000,
  count: 65_535,
};
const SINGLE: IdMap = { kind: "single", uid: 1_001, gid: 1_002 };
const LACK = { offered: false, reason: "There are none.", advice: "Get some." } as const;

test("a map that was seen to work is taken, else the user's own id", () => {
  const user = { uid: 1_001, gid: 1_002 };
  expect(chooseIdMap({ user, ids: { offered: true, map: SUBID } })).toEqual(SUBID);
  expect(chooseIdMap({ user, ids: LACK })).toEqual(SINGLE);
});

test("this machine's root is never mapped", () => {
  expect(() => chooseIdMap({ user: { uid: 0, gid: 0 }, ids: LACK })).toThrowError(
    expect.objectContaining({ code: "isolation_unavailable" }),
  );
});

test("an id inside is found again outside", () => {
  const ids = (map: IdMap) => [0, 1, 1_000].map((id) => [hostUid(map, id), hostGid(map, id)]);
  expect(ids(RANGE)).toEqual([
    [1_900_000_000, 1_900_000_000],
    [1_900_000_001, 1_900_000_001],
    [1_900_001_000, 1_900_001_000],
  ]);
  expect(ids(SUBID)).toEqual([
    [1_001, 1_002],
    [100_000, 200_000],
    [100_999, 200_999],
  ]);
  expect(ids(SINGLE)).toEqual([
    [1_001, 1_002],
    [1_001, 1_002],
    [1_001, 1_002],
  ]);
});

describe("writeIdMap", () => {
  test("gives a waiting process the ids, and nsenter becomes root among them", async () => {
    const uid = process.geteuid!();
    const map: IdMap = uid === 0 ? RANGE : { kind: "single", uid, gid: process.getegid!() };
    await using cradle = await makeCradle();
    await writeIdMap(cradle.pid, map);
    const enter = ["--target", String(cradle.pid), "--user", ...asNamespaceRoot(map), "--"];
    const entered = spawn("nsenter", [
      ...enter,
      "sh",
      "-c",
      "id -u; id -g; cat /proc/self/uid_map",
    ]);
    const said = (await entered.stdout.toArray()).join("");
    expect(said.split(/\s+/)).toEqual(
      map.kind === "range"
        ? ["0", "0", "0", "1900000000", "65536", ""]
        : ["0", "0", "0", String(uid), "1", ""],
    );
    // The host's own ids are what was asked for, too.
    expect(await readFile(`/proc/${cradle.pid}/gid_map`, "utf8")).toMatch(/^\s*0\s/);
  });

  test("says what newuidmap said when it refuses", async () => {
    await using cradle = await makeCradle();
    // Nobody was given these, and root is refused without a line of its own, too.
    const refused = writeIdMap(cradle.pid, { ...SUBID, subuid: 3_000_000_000 });
    await expect(refused).rejects.toMatchObject({
      code: "isolation_unavailable",
      message: expect.stringContaining("newuidmap"),
    });
  });
});

describe("what root may give away", () => {
  const map = (...lines: string[]) => rangeWithin(`${lines.join("\n")}\n`);

  test("is the engine's own range where root has all ids", () => {
    expect(map("         0          0 4294967295")).toEqual(RANGE);
  });

  test("is the upper part of what a container has", () => {
    expect(map("         0     100000      65536")).toEqual({
      kind: "range",
      base: 32_768,
      count: 32_768,
    });
    expect(map("0 1000 1", "1 100000 200000")).toEqual({
      kind: "range",
      base: 134_465,
      count: 65_536,
    });
  });

  test("is all besides himself where root stands in for an ordinary user", () => {
    expect(rangeBeside("  0 1000 1\n  1 100000 65535\n")).toEqual({
      kind: "range",
      base: 1,
      count: 65_535,
    });
    for (const other of [
      "0 0 4294967295\n",
      "0 1000 1\n",
      "0 1000 1\n1 5 10\n",
      "0 1 2\n2 9 70000\n",
    ]) {
      expect(rangeBeside(other)).toBeUndefined();
    }
  });

  test("is nothing where there are too few", () => {
    expect(map("0 1000 1")).toBeUndefined();
    expect(map("")).toBeUndefined();
  });

  test("never holds root, and nothing that root does not have", () => {
    const extent = fc.tuple(fc.nat(2 ** 31), fc.integer({ min: 1, max: 2 ** 31 }));
    fc.assert(
      fc.property(extent, ([first, length]) => {
        const range = map(`${first} 5000 ${length}`);
        if (!range) return;
        expect(range.base).toBeGreaterThan(0);
        expect(range.base).toBeGreaterThanOrEqual(first);
        expect(range.base + range.count).toBeLessThanOrEqual(first + length);
      }),
    );
  });
});

describe("ranges of an ordinary user", () => {
  const text =
    "# comment\nann:100000:65536\nbob:165536:1000\nbob:166536:70000\n1001:300000:65536\n";

  test("are found by name or number, and only if they are large enough", () => {
    expect(findSubordinateIds(text, ["ann", "1000"], 65_535)).toBe(100_000);
    expect(findSubordinateIds(text, ["bob"], 65_535)).toBe(166_536);
    expect(findSubordinateIds(text, ["nobody", "1001"], 65_535)).toBe(300_000);
    expect(findSubordinateIds(text, ["carol"], 65_535)).toBeUndefined();
  });

  test("whatever the file holds, nothing but a number is found in it", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("ann:1:65536", "ann:x:65536", "ann:5:-1"));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const found = findSubordinateIds(lines.join("\n"), ["ann"], 65_535);
        expect(found === undefined || Number.isSafeInteger(found)).toBe(true);
      }),
    );
  });

  test("are found in what getsubids says, which knows other sources than files", () => {
    const told = fileOf("0: ann 100000 65536\n1: ann 300000 70000");
    expect(findSubordinateIds(told, ["ann"], 65_535)).toBe(100_000);
    expect(findSubordinateIds(told, ["bob"], 65_535)).toBeUndefined();
    expect(findSubordinateIds(fileOf("Error fetching ranges"), ["ann"], 65_535)).toBeUndefined();
  });

  test("the one to be added overlaps nobody's", () => {
    expect(firstUnclaimed(text)).toBe(365_536);
    expect(firstUnclaimed("")).toBe(100_000);
  });
});

async function makeCradle(): Promise<AsyncDisposable & { pid: number }> {
  const child = spawn("unshare", ["--user", "--", "sh", "-c", "echo made; read -r _"]);
  await once(child.stdout, "data");
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
