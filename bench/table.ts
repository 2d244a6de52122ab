import type { Row } from "./measure.ts";

type Shown = Pick<Row, "what" | "baseline" | "goal" | "result"> & { reached?: boolean | undefined };

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Shown[]): string {
  const lines = rows.map(({ what, baseline, goal, result, reached }) => {
    const mark = reached === undefined ? "" : reached ? "yes" : "**no**";
    return `| ${[what, baseline, goal, result, mark].join(" | ")} |`;
  });
  return [
    "| what | baseline | goal | measured (median) | reached |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}
