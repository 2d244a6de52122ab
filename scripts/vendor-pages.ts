// Writes the tables of docs/vendors/*.md that repeat what the code says: which behaviours are proven, what is
// refused by name, and what our own API can do on the vendor's cloud. `node scripts/vendor-pages.ts`; a test fails
// when they differ.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAYTONA } from "../conformance/daytona/requirements.ts";
import { CONTROL } from "../conformance/e2b/requirements/control.ts";
import { ENVD } from "../conformance/e2b/requirements/envd.ts";
import { INTERPRETER } from "../conformance/e2b/requirements/interpreter.ts";
import { REQUIREMENTS } from "../conformance/requirements.ts";
import type { Requirement } from "../conformance/requirements/requirement.ts";
import {
  type Capabilities,
  CAPABILITIES,
  type Capability,
} from "../lib/backends/clouds/capabilities.ts";
import { DAYTONA_CAPABILITIES } from "../lib/backends/clouds/daytona/daytona-capabilities.ts";
import { E2B_CAPABILITIES } from "../lib/backends/clouds/e2b/e2b-capabilities.ts";
import { UNSUPPORTED } from "../lib/faces/daytona/unsupported-endpoints.ts";
import { markdownTable } from "./markdown-table.ts";
import { replaceBetween } from "./replace-between.ts";

const E2B: readonly Requirement[] = [...CONTROL, ...ENVD, ...INTERPRETER];
const OTHERS = new Set<string>([...E2B, ...DAYTONA].map(({ id }) => id));

/** The pages, and what stands between the markers of each. */
export const VENDOR_PAGES: Record<string, () => Record<string, string>> = {
  vercel: () => ({ works: works(REQUIREMENTS.filter(({ id }) => !OTHERS.has(id))) }),
  e2b: () => ({ works: works(E2B), cloud: onCloud(E2B_CAPABILITIES) }),
  daytona: () => ({
    works: works(DAYTONA),
    refused: markdownTable([
      ["path", "why"],
      ...UNSUPPORTED.map(({ path, reason }) => [`\`${path}\``, reason]),
    ]),
    cloud: onCloud(DAYTONA_CAPABILITIES),
  }),
};

/** A page with its tables as the code has them today. */
export function withVendorTables(name: string, page: string): string {
  const tables = VENDOR_PAGES[name]?.() ?? {};
  return Object.entries(tables).reduce(
    (text, [marker, table]) => replaceBetween(text, marker, table),
    page,
  );
}

function works(requirements: readonly Requirement[]): string {
  return markdownTable([
    ["id", "what holds", "with `process` isolation"],
    ...requirements.map(({ id, behaviour, expectedToFail }) => [
      id,
      behaviour,
      expectedToFail ? `no: ${expectedToFail.reason}` : "yes",
    ]),
  ]);
}

function onCloud(capabilities: Capabilities): string {
  const rows = Object.entries(CAPABILITIES).map(([name, what]) => {
    const given = capabilities[name as Capability];
    return [what, "how" in given ? "yes" : "no", "how" in given ? given.how : given.refused];
  });
  return markdownTable([["what our API asks for", "there", "how, or why not"], ...rows]);
}

if (import.meta.main) {
  for (const name of Object.keys(VENDOR_PAGES)) {
    const file = join(import.meta.dirname, `../docs/vendors/${name}.md`);
    await writeFile(file, withVendorTables(name, await readFile(file, "utf8")));
  }
}
