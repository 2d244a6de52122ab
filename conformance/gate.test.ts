import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { REQUIREMENTS } from "./requirements.ts";

/** The ids that the tests cite, with the files that do. */
async function citations(): Promise<Map<string, string[]>> {
  const cited = new Map<string, string[]>();
  for await (const path of glob("**/*.test.ts", { cwd: import.meta.dirname })) {
    const { program } = parseSync(path, readFileSync(join(import.meta.dirname, path), "utf8"));
    const visitor = new Visitor({
      CallExpression({ callee, arguments: given }) {
        if (callee.type !== "Identifier" || callee.name !== "proves") return;
        for (const argument of given) {
          if (argument.type !== "Literal" || typeof argument.value !== "string") {
            throw new Error(
              `${path}: proves() takes ids as plain strings, so that they can be read`,
            );
          }
          cited.set(argument.value, [...(cited.get(argument.value) ?? []), path]);
        }
      },
    });
    visitor.visit(program);
  }
  return cited;
}

test("each requirement has an id of its own", () => {
  const ids = REQUIREMENTS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("each requirement is proven by a test", async () => {
  const cited = await citations();
  expect(REQUIREMENTS.filter(({ id }) => !cited.has(id)).map(({ id }) => id)).toEqual([]);
});

test("each cited id is a requirement", async () => {
  const known = new Set<string>(REQUIREMENTS.map(({ id }) => id));
  const unknown = [...(await citations())].filter(([id]) => !known.has(id));
  expect(unknown).toEqual([]);
});
