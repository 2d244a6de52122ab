import { tool } from "ai";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { ERRAND } from "../../studio/contract/errand.ts";
import { StudioError } from "../../studio/contract/errors.ts";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { countLines } from "./count-lines.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import { attempt } from "./tool-error.ts";

/** Writes whole files. */
export function generateFilesTool(workspace: AgentWorkspace) {
  return tool({
    description:
      "Writes whole files, new ones or in place of old ones; folders are made as needed. Use editFile to change a part of a file.",
    inputSchema: TOOLS.generateFiles.input,
    outputSchema: TOOLS.generateFiles.output,
    execute: ({ files }, { abortSignal }) =>
      attempt(`write ${describe(files)}`, abortSignal, async () => {
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
        const options = abortSignal && { signal: abortSignal };
        const sandbox = await openSandbox(workspace, abortSignal);
        const present = await existingPaths(
          sandbox,
          written.map(({ path }) => path),
          abortSignal,
        );
        await sandbox.writeFiles(written, options);
        workspace.filesChanged(files.map(({ path }) => path));
        return {
          files: files.map(({ path, content }, index) => ({
            path: shownPath(path),
            lines: countLines(content),
            sizeBytes: written[index]?.content.length ?? 0,
            created: !present.has(absolutePath(path)),
          })),
        };
      }),
  });
}

type OpenSandbox = Awaited<ReturnType<typeof openSandbox>>;

/** Those of the paths where something is. */
async function existingPaths(
  sandbox: OpenSandbox,
  paths: string[],
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const options = signal && { signal };
  const script = 'for path do [ -e "$path" ] && printf "%s\\n" "$path"; done; true';
  const command = await sandbox.runCommand("sh", ["-c", script, ERRAND, ...paths], options);
  return new Set((await command.stdout(options)).split("\n"));
}

function describe(files: { path: string }[]): string {
  const [first] = files;
  return files.length === 1 && first ? shownPath(first.path) : `${files.length} files`;
}
