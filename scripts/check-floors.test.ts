import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkFloors } from "./check-floors.ts";

function violationsOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "sandlot-floors-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), source);
  }
  return checkFloors(root).violations;
}

test.each([
  ["a lower room may not know a higher one", "lib/engine/a.ts", 'import { b } from "../host/b.ts";'],
  ["a type counts", "lib/engine/a.ts", 'import type { B } from "../host/b.ts";'],
  ["a re-export counts", "lib/contract/a.ts", 'export { b } from "../engine/b.ts";'],
  ["an import() counts", "lib/std/a.ts", 'await import("../contract/b.ts");'],
  ["siblings do not know each other", "lib/faces/vercel/a.ts", 'import "../../backends/store/b.ts";'],
  ["only backends start processes", "lib/engine/a.ts", 'import { spawn } from "node:child_process";'],
  ["only faces know hono", "lib/engine/a.ts", 'import { Hono } from "hono";'],
  ["only the client knows the vendor", "lib/host/a.ts", 'import { Sandbox } from "@vercel/sandbox";'],
  ["only host reads the environment", "lib/engine/a.ts", "export const home = process.env.HOME;"],
  ["Trigger.dev is loaded in one file", "lib/trigger-client/a.ts", 'await import("@trigger.dev/sdk");'],
  ["and there not statically", "lib/trigger-client/transport/trigger.ts", 'import "@trigger.dev/sdk";'],
  ["nothing outside the rooms is imported", "lib/std/a.ts", 'import "../../examples/b.ts";'],
  ["a test does not reach up", "lib/engine/a.test.ts", 'import { b } from "../host/b.ts";'],
])("%s", (_title, file, source) => {
  expect(violationsOf({ [file]: source })).toEqual([expect.stringContaining(`${file}:1: `)]);
});

test.each([
  ["what lies below is open", "lib/engine/a.ts", 'import { b } from "../contract/b.ts";'],
  ["a room knows itself", "lib/engine/a.ts", 'import { b } from "./b.ts";'],
  ["a test uses testing", "lib/engine/a.test.ts", 'import { b } from "../testing/b.ts";'],
  ["harmless built-ins are open to all", "lib/std/a.ts", 'import { join } from "node:path";'],
  ["a package's subpath goes with it", "lib/faces/vercel/a.ts", 'import { x } from "hono/factory";'],
  ["Trigger.dev may be loaded on demand", "lib/trigger-client/transport/trigger.ts", 'await import("@trigger.dev/sdk");'],
])("%s", (_title, file, source) => {
  expect(violationsOf({ [file]: source })).toEqual([]);
});
