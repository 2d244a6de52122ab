import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAtOrBelow, normalise, PathMap } from "./path-map.ts";

const HOST_ROOT = "/var/lib/sandlot/roots/box/files";
const DRIVE = "/var/lib/sandlot/drives/drive_1";

const map = new PathMap({
  hostRoot: HOST_ROOT,
  mounts: [
    { path: "/data", hostDirectory: DRIVE },
    { path: "/data/inner", hostDirectory: `${DRIVE}-inner` },
  ],
  argumentRoots: ["/vercel", "/tmp", "/data"],
});

const part = fc.oneof(
  fc.constantFrom("..", ".", "", "vercel", "tmp", "data", "inner", "var", "files", "drive_1"),
  fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replaceAll(/[/\0\\]/g, "_")),
);
const anyPath = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join("/")}`);
const hostPath = fc
  .tuple(fc.constantFrom(HOST_ROOT, DRIVE, `${DRIVE}-inner`, "/var/lib/sandlot"), anyPath)
  .map(([directory, path]) => directory + path);

test("the host's path leads back to the sandbox's", () => {
  fc.assert(
    fc.property(fc.oneof(anyPath, hostPath), (path) => {
      expect(map.fromHost(map.toHost(path))).toBe(map.toSandbox(path));
    }),
  );
});

test("no path leads out of the host directories", () => {
  fc.assert(
    fc.property(fc.oneof(anyPath, hostPath), (path) => {
      const host = map.toHost(path);
      const inside = [HOST_ROOT, DRIVE, `${DRIVE}-inner`].some((root) => isAtOrBelow(host, root));
      expect(inside, host).toBe(true);
      expect(normalise(host)).toBe(host);
    }),
  );
});

test("mapping an argument twice is mapping it once", () => {
  fc.assert(
    fc.property(fc.oneof(anyPath, hostPath, fc.string()), (argument) => {
      const once = map.toHostArgument(argument);
      expect(map.toHostArgument(once)).toBe(once);
    }),
  );
});

describe("paths", () => {
  test.each([
    ["/", HOST_ROOT],
    ["/tmp/x", `${HOST_ROOT}/tmp/x`],
    ["/vercel/sandbox/", `${HOST_ROOT}/vercel/sandbox`],
    ["/vercel/../../../etc", `${HOST_ROOT}/etc`],
    ["/data", DRIVE],
    ["/data/a", `${DRIVE}/a`],
    ["/data/inner/a", `${DRIVE}-inner/a`],
    ["/database", `${HOST_ROOT}/database`],
    [`${HOST_ROOT}/vercel/a`, `${HOST_ROOT}/vercel/a`],
    [`${HOST_ROOT}/../../other/files/a`, `${HOST_ROOT}/var/lib/sandlot/roots/other/files/a`],
    [`${HOST_ROOT}-not/a`, `${HOST_ROOT}${HOST_ROOT}-not/a`],
    [`${DRIVE}/a`, `${DRIVE}/a`],
  ])("%s lies at %s", (path, host) => {
    expect(map.toHost(path)).toBe(host);
  });
});

describe("arguments", () => {
  test.each([
    ["/vercel/sandbox/a", `${HOST_ROOT}/vercel/sandbox/a`],
    ["/tmp", `${HOST_ROOT}/tmp`],
    ["/tmp/", `${HOST_ROOT}/tmp/`],
    ["/data/a", `${DRIVE}/a`],
    [`${HOST_ROOT}/tmp/a`, `${HOST_ROOT}/tmp/a`],
    ["/usr/bin/env", "/usr/bin/env"],
    ["/vercelish", "/vercelish"],
    ["/tmp/../etc/passwd", "/tmp/../etc/passwd"],
    ["--out=/tmp/a", "--out=/tmp/a"],
    ["cat /tmp/a", "cat /tmp/a"],
    ["tmp/a", "tmp/a"],
    ["", ""],
  ])("%s becomes %s", (argument, host) => {
    expect(map.toHostArgument(argument)).toBe(host);
  });
});
