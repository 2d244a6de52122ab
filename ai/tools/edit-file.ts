import { tool } from "ai";
import { TOOLS } from "../../studio/contract/tools.ts";
import { countChangedLines } from "./count-lines.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import { readText } from "./read-text.ts";
import { replaceText } from "./replace-text.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Replaces a part of a file. */
export function editFileTool(context: ToolContext) {
  return tool({
    description:
      "Replaces a piece of text in a file. The text to search must be in the file exactly once, unless replaceAll is true; take enough lines around the change to make it unique.",
    inputSchema: TOOLS.editFile.input,
    outputSchema: TOOLS.editFile.output,
    execute: ({ path, search, replace, replaceAll = false }, call) =>
      attempt(`edit ${shownPath(path)}`, call.abortSignal, async () => {
        const sandbox = await openSandbox(context, call);
        const before = await readText(sandbox, path);
        const edit = { path: shownPath(path), search, replace, replaceAll };
        const { text, replacements } = replaceText(before, edit);
        await sandbox.writeFiles([{ path: absolutePath(path), content: text }]);
        context.workspace.filesChanged([path]);
        const { added, removed } = countChangedLines(search, replace);
        return {
          path: shownPath(path),
          replacements,
          linesAdded: added * replacements,
          linesRemoved: removed * replacements,
        };
      }),
  });
}
