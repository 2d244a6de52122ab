import { tool } from "ai";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { countLines } from "./count-lines.ts";
import { openSandbox } from "./open-sandbox.ts";
import { shownPath } from "./project-path.ts";
import { readText } from "./read-text.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Reads a file, or lines of it. */
export function readFileTool(context: ToolContext) {
  return tool({
    description:
      "Reads a text file. Of a long one it gives as many whole lines as fit; read on with fromLine.",
    inputSchema: TOOLS.readFile.input,
    outputSchema: TOOLS.readFile.output,
    execute: ({ path, fromLine = 1, lineCount }, call) =>
      attempt(`read ${shownPath(path)}`, call.abortSignal, async () => {
        const sandbox = await openSandbox(context, call);
        const text = await readText(sandbox, path);
        return {
          path: shownPath(path),
          content: pickLines(text, { fromLine, lineCount }),
          fromLine,
          lines: countLines(text),
        };
      }),
  });
}

/** The lines that were asked for, as far as they fit; of a line that alone is too long, its beginning. */
function pickLines(
  text: string,
  {
    fromLine,
    lineCount,
    limit = STUDIO_LIMITS.modelTextLength,
  }: { fromLine: number; lineCount?: number | undefined; limit?: number },
): string {
  const lines = text.split(/(?<=\n)/).slice(fromLine - 1);
  const picked: string[] = [];
  let length = 0;
  for (const line of lines.slice(0, lineCount)) {
    length += line.length;
    if (length > limit) {
      if (picked.length === 0) picked.push(`${line.slice(0, limit)}[… the line goes on …]\n`);
      break;
    }
    picked.push(line);
  }
  return picked.join("");
}
