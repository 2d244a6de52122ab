import { tool } from "ai";
import { StudioError } from "../../studio/contract/errors.ts";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { countLines } from "./count-lines.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import type { ProjectSandbox } from "./project-sandbox.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** Writes whole files. */
export function generateFilesTool(context: ToolContext) {
  return tool({
    description:
      "Writes whole files, new ones or in place of old ones; folders are made as needed. Use editFile to change a part of a file.",
    inputSchema: TOOLS.generateFiles.input,
    outputSchema: TOOLS.generateFiles.output,
    execute: ({ files }, call) =>
      attempt(`write ${describe(files)}`, call.abortSignal, async () => {
        const written = files.map(({ path, content }) => ({
          path: absolutePath(path),
          content: Buffer.from(content),
        }));
        const tooLarge = written.find(({ content }) => content.length > STUDIO_LIMITS.fileBytes);
        if (tooLarge) {
          throw new StudioError(
            "too_large",
            `${shownPath(tooLarge.path)} has ${tooLarge.content.length} bytes; a file may have ${STUDIO_LIMITS.fileBytes}. Nothing was written. Split it, or make it with a command.`,
          );
        }
        const sandbox = await openSandbox(context, call);
        const present = await arePresent(
          sandbox,
          written.map(({ path }) => path),
        );
        await sandbox.writeFiles(written);
        context.workspace.filesChanged(files.map(({ path }) => path));
        return {
          files: files.map(({ path, content }, index) => ({
            path: shownPath(path),
            lines: countLines(content),
            sizeBytes: written[index]?.content.length ?? 0,
            created: present[index] !== true,
          })),
        };
      }),
  });
}

/** For each of the paths, whether something is there. */
async function arePresent(sandbox: ProjectSandbox, paths: string[]): Promise<boolean[]> {
  // Not the paths themselves: without namespaces a command sees others.
  const script = 'for path do [ -e "$path" ] && echo yes || echo no; done';
  const { stdout } = await sandbox.runErrand(script, paths);
  return stdout.split("\n").map((answer) => answer === "yes");
}

function describe(files: { path: string }[]): string {
  const [first] = files;
  return files.length === 1 && first ? shownPath(first.path) : `${files.length} files`;
}
