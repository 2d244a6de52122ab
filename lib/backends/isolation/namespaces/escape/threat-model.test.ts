import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { attemptsTable } from "../../../../testing/escape/attempts-table.ts";

const FILE = new URL("../../../../../docs/THREAT_MODEL.md", import.meta.url);
const TABLE = /(?<=<!-- attempts -->\n\n)[^]*(?=\n\n<!-- end of attempts -->)/;

test("the threat model names every attempt that is made (UPDATE_TABLES=1 writes it)", async () => {
  const text = await readFile(FILE, "utf8");
  expect(text).toMatch(TABLE);
  if (process.env["UPDATE_TABLES"] === "1")
    await writeFile(FILE, text.replace(TABLE, attemptsTable()));
  expect(TABLE.exec(await readFile(FILE, "utf8"))?.[0]).toBe(attemptsTable());
});
