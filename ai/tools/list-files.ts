import { tool } from "ai";
import * as z from "zod";
import { StudioError } from "../../studio/contract/errors.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { openSandbox } from "./open-sandbox.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import { attempt } from "./tool-error.ts";
import type { ToolContext } from "./tool-context.ts";

/** What a model can take in at a glance; a larger tree is looked at folder by folder. */
const ENTRY_LIMIT = 400;
const MAX_DEPTH = 6;
/** Folders that are listed and not entered: others made what is in them. */
const CLOSED_FOLDERS = ["node_modules", ".git", ".next", "dist", ".venv", "__pycache__"];

/** Lists a folder with what is below it. */
export function listFilesTool(context: ToolContext) {
  return tool({
    description:
      "Lists a folder with everything below it; node_modules, .git, dist and the like are named but not entered.",
    inputSchema: TOOLS.listFiles.input,
    outputSchema: TOOLS.listFiles.output,
    execute: ({ path = "." }, call) =>
      attempt(`list ${shownPath(path)}`, call.abortSignal, async () => {
        const sandbox = await openSandbox(context, call);
        const { exitCode, stdout } = await sandbox.runErrand(
          'exec find "$@"',
          findArguments(absolutePath(path)),
        );
        // It also fails when it lists all but one folder that it may not enter.
        if (exitCode !== 0 && stdout === "") {
          throw new StudioError(
            "file_not_found",
            `There is no folder ${shownPath(path)}. List the project folder to see what there is.`,
          );
        }
        const entries = parseEntries(stdout, absolutePath(path));
        return {
          path: shownPath(path),
          entries: entries.slice(0, ENTRY_LIMIT),
          truncated: entries.length > ENTRY_LIMIT,
        };
      }),
  });
}

function findArguments(folder: string): string[] {
  const closed = CLOSED_FOLDERS.flatMap((name, index) =>
    index === 0 ? ["-name", name] : ["-o", "-name", name],
  );
  return [
    folder,
    "-mindepth",
    "1",
    "-maxdepth",
    String(MAX_DEPTH),
    "-printf",
    // A file's name may hold a line break, but no zero byte. Relative: without namespaces a command sees other folders.
    "%y %s %P\\0",
    "-type",
    "d",
    "(",
    ...closed,
    ")",
    "-prune",
  ];
}

const TYPES = { f: "file", d: "directory", l: "link" } as const;
const Entry = z.string().regex(/^. \d+ ./);

function parseEntries(stdout: string, folder: string) {
  return stdout
    .split("\0")
    .filter((line) => Entry.safeParse(line).success)
    .map((line) => {
      const [letter = "", size = ""] = line.split(" ", 2);
      const type = TYPES[letter as keyof typeof TYPES] ?? "other";
      const path = shownPath(`${folder}/${line.slice(letter.length + size.length + 2)}`);
      return type === "file" ? { path, type, sizeBytes: Number(size) } : { path, type };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
