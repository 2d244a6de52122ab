import { tool } from "ai";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { countChangedLines } from "./count-lines.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import { readText } from "./read-text.ts";
import { replaceText } from "./replace-text.ts";
import { attempt } from "./tool-error.ts";

/** Replaces a part of a file. */
export function editFileTool(workspace: AgentWorkspace) {
  return tool({
    description:
      "Replaces a piece of text in a file. The text to search must be in the file exactly once, unless replaceAll is true; take enough lines around the change to make it unique.",
    inputSchema: TOOLS.editFile.input,
    outputSchema: TOOLS.editFile.output,
    execute: ({ path, search, replace, replaceAll = false }, { abortSignal }) =>
      attempt(`edit ${shownPath(path)}`, abortSignal, async () => {
        const sandbox = await openSandbox(workspace, abortSignal);
        const before = await readText(sandbox, path, abortSignal);
        const edit = { path: shownPath(path), search, replace, replaceAll };
        const { text, replacements } = replaceText(before, edit);
        await sandbox.writeFiles(
          [{ path: absolutePath(path), content: text }],
          abortSignal && { signal: abortSignal },
        );
        workspace.filesChanged([path]);
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
