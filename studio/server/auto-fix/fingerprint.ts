import type { RuntimeProblem } from "../../contract/runtime-error.ts";

const SHOWN = 300;

/** The same for the same error, wherever the numbers in it (lines, ports, times, hashes) changed. */
export function fingerprint({ source, message, location }: RuntimeProblem): string {
  const page = location?.replace(/[?#].*$/, "") ?? "";
  const text = message
    .replace(/\b[0-9a-f]{8,}\b/gi, "#")
    .replace(/\d+/g, "#")
    .slice(0, SHOWN);
  return JSON.stringify([source, text, page.replace(/\d+/g, "#")]);
}
