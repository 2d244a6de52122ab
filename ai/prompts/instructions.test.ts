import { expect, test } from "vitest";
import { PROJECT_FOLDER, PROJECT_PORTS } from "../../studio/contract/limits.ts";
import { ProjectType } from "../../studio/contract/project.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { instructions } from "./instructions.ts";

test.each(ProjectType.options)("for a project of type %s, names what is really there", (type) => {
  const text = instructions(type);
  expect(text).toContain(PROJECT_FOLDER);
  for (const port of PROJECT_PORTS) expect(text).toContain(String(port));
  // A prompt that names a tool which does not exist makes models call it.
  const named = text.match(/\b(?:create|generate|edit|read|list|run|get)[A-Z]\w+/g) ?? [];
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !(name in TOOLS) && name !== "requestAnimationFrame")).toEqual([]);
});

test("says more about each kind of project than about none", () => {
  const plain = instructions("other");
  for (const type of ["website", "game", "api", "dashboard"] as const) {
    expect(instructions(type).startsWith(plain)).toBe(true);
    expect(instructions(type).length).toBeGreaterThan(plain.length);
  }
});
