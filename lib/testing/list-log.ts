import type { Log } from "../engine/ports.ts";

/** A log that keeps its lines for a test to look at. */
export function listLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, fields: object = {}) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { lines, info: write("info"), warn: write("warn") };
}
