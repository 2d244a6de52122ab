import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VENDOR_PAGES, withVendorTables } from "./vendor-pages.ts";

test.each(Object.keys(VENDOR_PAGES))("docs/vendors/%s.md says what the code does today", (name) => {
  const page = readFileSync(join(import.meta.dirname, `../docs/vendors/${name}.md`), "utf8");
  expect(page, "run node scripts/vendor-pages.ts").toBe(withVendorTables(name, page));
});
