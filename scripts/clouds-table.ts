// Writes the table of docs/clouds.md, which repeats what the code says. `node scripts/clouds-table.ts`; a test
// fails when they differ.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Capabilities,
  CAPABILITIES,
  type Capability,
} from "../lib/backends/clouds/capabilities.ts";
import { DAYTONA_CAPABILITIES } from "../lib/backends/clouds/daytona/daytona-capabilities.ts";
import { E2B_CAPABILITIES } from "../lib/backends/clouds/e2b/e2b-capabilities.ts";
import { markdownTable } from "./markdown-table.ts";
import { replaceBetween } from "./replace-between.ts";

export const CLOUDS_PAGE = join(import.meta.dirname, "../docs/clouds.md");

/** The page's text with its table as the code has it today. */
export function withCloudsTable(page: string): string {
  const rows = Object.entries(CAPABILITIES).map(([key, asked]) => [
    asked,
    told(E2B_CAPABILITIES, key as Capability),
    told(DAYTONA_CAPABILITIES, key as Capability),
  ]);
  return replaceBetween(
    page,
    "capabilities",
    markdownTable([["what is asked for", "e2b", "Daytona"], ...rows]),
  );
}

function told(capabilities: Capabilities, capability: Capability): string {
  const given = capabilities[capability];
  return "how" in given ? given.how : `**refused**: ${given.refused}`;
}

if (import.meta.main) {
  await writeFile(CLOUDS_PAGE, withCloudsTable(await readFile(CLOUDS_PAGE, "utf8")));
}
