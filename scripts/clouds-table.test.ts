import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { CLOUDS_PAGE, withCloudsTable } from "./clouds-table.ts";

test("docs/clouds.md tells of each cloud what the code says (node scripts/clouds-table.ts writes it)", async () => {
  const page = await readFile(CLOUDS_PAGE, "utf8");
  expect(page).toBe(withCloudsTable(page));
});
