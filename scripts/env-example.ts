// Writes `.env.example` from the settings as the code knows them.
// `node scripts/env-example.ts`; a test fails when they differ.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MODEL_VARIABLES, TOOL_VARIABLES } from "../ai/environment.ts";
import { SETTINGS } from "../lib/host/settings.ts";
import { STUDIO_VARIABLES } from "../studio/server/allowed-hosts.ts";
import { TRIGGER_VARIABLES } from "../trigger/environment.ts";

const WIDTH = 100;

/** Every setting with its meaning, commented out, so that the file changes nothing until it is edited. */
export function envExample(): string {
  const blocks = Object.values(SETTINGS).map(({ variable, meaning, allowed, fallback }) =>
    [
      ...comment(meaning.replaceAll("`", "")),
      ...comment(`May be: ${allowed}.`),
      ...comment(`Default: ${fallback}.`),
      `# ${variable}=`,
    ].join("\n"),
  );
  const others = {
    ...STUDIO_VARIABLES,
    ...MODEL_VARIABLES,
    ...TOOL_VARIABLES,
    ...TRIGGER_VARIABLES,
  };
  const rest = Object.entries(others).map(([variable, meaning]) =>
    [...comment(meaning), `# ${variable}=`].join("\n"),
  );
  return `${[...blocks, ...rest].join("\n\n")}\n`;
}

function comment(text: string): string[] {
  const lines = ["#"];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    const longer = `${lines[last]} ${word}`;
    if (longer.length <= WIDTH) lines[last] = longer;
    else lines.push(`# ${word}`);
  }
  return lines;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, "../.env.example"), envExample());
