import type { AnsiLine } from "./ansi-lines.ts";

/** Where a text occurs: its line, and from which character on. */
export interface Match {
  line: number;
  at: number;
}

// Past this, a list of places helps nobody.
const MOST = 5_000;

/** Every place of a text in the lines, whatever its case, in order. */
export function searchLines(lines: readonly AnsiLine[], text: string): Match[] {
  const wanted = text.toLowerCase();
  const matches: Match[] = [];
  if (wanted === "") return matches;
  for (const [line, { text: content }] of lines.entries()) {
    const lower = content.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
      matches.push({ line, at });
      if (matches.length === MOST) return matches;
    }
  }
  return matches;
}
