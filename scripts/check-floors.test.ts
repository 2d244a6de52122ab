import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkFloors, type FloorReport } from "./floor-report.ts";

function check(files: Record<string, string>): FloorReport {
  const root = mkdtempSync(join(tmpdir(), "sandlot-floors-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), source);
  }
  return checkFloors(root);
}

test.each([
  [
    "a lower room may not know a higher one",
    "lib/engine/a.ts",
    'import { b } from "../host/b.ts";',
  ],
  ["a type counts", "lib/engine/a.ts", 'import type { B } from "../host/b.ts";'],
  ["a re-export counts", "lib/contract/a.ts", 'export { b } from "../engine/b.ts";'],
  ["an import() counts", "lib/std/a.ts", 'await import("../contract/b.ts");'],
  ["a type by import() counts", "lib/engine/a.ts", 'type B = import("../host/b.ts").B;'],
  ["a template counts", "lib/std/a.ts", "await import(`../contract/b.ts`);"],
  ["a require() counts", "lib/engine/a.ts", 'createRequire(import.meta.url)("node:sqlite");'],
  ["a built-in by its name counts", "lib/engine/a.ts", 'process.getBuiltinModule("node:sqlite");'],
  [
    "siblings do not know each other",
    "lib/faces/vercel/a.ts",
    'import "../../backends/store/b.ts";',
  ],
  ["nor do backends", "lib/backends/isolation/a.ts", 'import "../store/b.ts";'],
  ["nor client and its users upward", "lib/trigger-client/a.ts", 'import "../register/b.ts";'],
  [
    "only backends start processes",
    "lib/engine/a.ts",
    'import { spawn } from "node:child_process";',
  ],
  ["only faces know hono", "lib/engine/a.ts", 'import { Hono } from "hono";'],
  [
    "only the client knows the vendor",
    "lib/host/a.ts",
    'import { Sandbox } from "@vercel/sandbox";',
  ],
  ["only host reads the environment", "lib/engine/a.ts", "export const home = process.env.HOME;"],
  ["by brackets, too", "lib/cli/a.ts", 'export const home = process["env"].HOME;'],
  ["or taken apart", "lib/cli/a.ts", "export const { env } = process;"],
  ["or from the global object", "lib/cli/a.ts", "export const { HOME } = globalThis.process.env;"],
  ["or from the module", "lib/cli/a.ts", 'import { env } from "node:process";'],
  ["only isolation knows terminals", "lib/host/a.ts", 'import { spawn } from "@lydell/node-pty";'],
  ["a database is the store's", "lib/host/a.ts", 'import { DatabaseSync } from "node:sqlite";'],
  ["a built-in without its prefix", "lib/engine/a.ts", 'import { spawn } from "child_process";'],
  [
    "Trigger.dev is loaded in one file",
    "lib/trigger-client/a.ts",
    'await import("@trigger.dev/sdk");',
  ],
  [
    "and there not statically",
    "lib/trigger-client/transport/trigger.ts",
    'import "@trigger.dev/sdk";',
  ],
  ["nothing outside the rooms is imported", "lib/std/a.ts", 'import "../../examples/b.ts";'],
  ["every folder is in the table", "lib/agents/a.ts", 'import "../std/b.ts";'],
  ["every kind of source is read", "lib/engine/a.mjs", 'import "../host/b.ts";'],
  ["components know the words only", "components/a.tsx", 'import { Sandbox } from "sandlot";'],
  [
    "by the alias, too",
    "components/a.tsx",
    'import { Sandbox } from "@/lib/trigger-client/index.js";',
  ],
  ["the root's rooms have floors", "ai/a.ts", 'import { page } from "@/app/page.tsx";'],
  ["the library is used as built", "app/a.ts", 'import { b } from "../lib/engine/b.ts";'],
  ["a test stays in the house", "lib/std/a.test.ts", 'import "../../examples/b.ts";'],
  ["a test does not reach up", "lib/engine/a.test.ts", 'import { b } from "../host/b.ts";'],
])("%s", (_title, file, source) => {
  expect(check({ [file]: source }).violations).toEqual([expect.stringContaining(`${file}:1: `)]);
});

test.each([
  ["what lies below is open", "lib/engine/a.ts", 'import { b } from "../contract/b.ts";'],
  ["a room knows itself", "lib/engine/a.ts", 'import { b } from "./b.ts";'],
  ["a test uses testing", "lib/engine/a.test.ts", 'import { b } from "../testing/b.ts";'],
  ["harmless built-ins are open to all", "lib/std/a.ts", 'import { join } from "node:path";'],
  ["a test may know its floor", "lib/backends/store/a.test.ts", 'import "../lock/b.ts";'],
  ["testing may know all", "lib/testing/a.ts", 'import "../cli/b.ts"; process.env.HOME;'],
  ["a comment reads nothing", "lib/engine/a.ts", "// process.env is read in host"],
  ["what is built is not looked at", "lib/dist/a.js", 'import "./b.js";'],
  ["the app may use the library", "app/a.ts", 'import { x } from "@/lib/contract/index.js";'],
  [
    "a package's subpath goes with it",
    "lib/faces/vercel/a.ts",
    'import { x } from "hono/factory";',
  ],
  [
    "Trigger.dev may be loaded on demand",
    "lib/trigger-client/transport/trigger.ts",
    'await import("@trigger.dev/sdk");',
  ],
])("%s", (_title, file, source) => {
  expect(check({ [file]: source }).violations).toEqual([]);
});

test("misses a room of the library in which there is nothing", () => {
  const { files, unseen } = check({ "lib/std/a.ts": "export const a = 1;" });
  expect({ files, std: unseen.includes("lib/std"), host: unseen.includes("lib/host") }).toEqual({
    files: 1,
    std: false,
    host: true,
  });
});
