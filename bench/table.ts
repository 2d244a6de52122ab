import { MEASURES } from "./all-measures.ts";
import { ISOLATIONS, readResults, type Results } from "./results.ts";

type Shown = Results[string]["rows"][number];

/** The latest of every measure as a Markdown table, each isolation in a column. */
export async function resultsTable(): Promise<string> {
  const all = await Promise.all(ISOLATIONS.map(readResults));
  const rows = MEASURES.flatMap(({ name }) => {
    const found = all.map((results) => results[name]?.rows ?? []);
    const whats = [...new Set(found.flat().map(({ what }) => what))];
    return whats.map((what) => {
      const cells = found.map((each) => each.find((row) => row.what === what));
      const goal = cells.find((cell) => cell)?.goal ?? "";
      return `| ${[what, goal, ...cells.map(cellText)].join(" | ")} |`;
    });
  });
  const names = ISOLATIONS.map((name) => `\`${name}\``);
  return [
    `| what | goal | ${names.join(" | ")} |`,
    `| --- | --- | ${names.map(() => "---").join(" | ")} |`,
    ...rows,
  ].join("\n");
}

function cellText(row: Shown | undefined): string {
  if (!row) return "not measured";
  const { baseline, result, reached } = row;
  const mark = reached === undefined ? "" : reached ? "yes: " : "**no**: ";
  return `${mark}${result}${baseline === "–" ? "" : ` (${baseline})`}`;
}
