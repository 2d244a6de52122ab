import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { envExample } from "./env-example.ts";

test(".env.example says what the settings are today", () => {
  const file = readFileSync(join(import.meta.dirname, "../.env.example"), "utf8");
  expect(file, "run node scripts/env-example.ts").toBe(envExample());
});
