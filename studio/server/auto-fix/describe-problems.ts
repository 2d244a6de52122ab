import type { RuntimeProblem } from "../../contract/runtime-error.ts";

/** The errors as the model is told of them. */
export function describeProblems({ problems }: { problems: readonly RuntimeProblem[] }): string {
  const items = problems.map(({ source, message, detail, location }) => {
    const where = source === "browser" ? "In the browser" : "In a command";
    const place = location === undefined ? "" : ` (${location})`;
    return `${where}${place}: ${message}${detail === undefined ? "" : `\n${detail}`}`;
  });
  return [
    "The app that you built has errors. Find the cause and fix it with small edits; do not rewrite files that work.",
    ...items,
  ].join("\n\n");
}
