import { expect, test } from "vitest";
import { runsToolsAsTasks } from "./environment.ts";

test("tools run as tasks only where that is asked for, and a word that means nothing is refused", () => {
  expect(runsToolsAsTasks({})).toBe(false);
  expect(runsToolsAsTasks({ SANDLOT_TASKS: " " })).toBe(false);
  expect(runsToolsAsTasks({ SANDLOT_TASKS: "trigger" })).toBe(true);
  expect(() => runsToolsAsTasks({ SANDLOT_TASKS: "yes" })).toThrow("SANDLOT_TASKS is “yes”");
});
