import { pathInProject } from "../../../ai/tools/project-path.ts";
import type { Sandbox } from "sandlot";
import { StudioError } from "../../contract/errors.ts";
import type { FileEntry, FileTree } from "../../contract/files.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import { runQuietly } from "../sandboxes/run-quietly.ts";
import { absolutePath } from "./project-path.ts";

/** Folders that tools fill with thousands of others' files. They are named, and entered only when asked for. */
export const UNREAD_FOLDERS = [
  "node_modules",
  ".git",
  ".next",
  ".cache",
  ".npm",
  ".venv",
  "__pycache__",
] as const;

const KINDS: Record<string, FileEntry["type"]> = { f: "file", d: "directory", l: "link" };
const MISSING = 66;

// NUL ends each record, for a name may hold anything else. Depth 0, the folder itself, is left out.
const FORMAT = String.raw`%y\t%s\t%T@\t%P\0`;
const IN_ALL = UNREAD_FOLDERS.map((name) => `-name ${name}`).join(" -o ");
const SCRIPT = `
[ -d "$1" ] || exit ${MISSING}
case "$2" in
  shallow) find "$1" -mindepth 1 -maxdepth 1 -printf '${FORMAT}' ;;
  *) find "$1" -mindepth 1 -type d \\( ${IN_ALL} \\) -prune -printf '${FORMAT}' -o -mindepth 1 -printf '${FORMAT}' ;;
esac | head -z -n "$3" | base64 -w 0
`;

/**
 * All that is below a folder of the sandbox. One that is usually not entered is given with one level when it is
 * named itself. Throws `file_not_found` when there is no such folder.
 */
export async function readTree(
  sandbox: Sandbox,
  path: string,
  signal?: AbortSignal,
): Promise<FileTree> {
  const folder = absolutePath(path);
  const isUnread = folder.split("/").some((name) => UNREAD_FOLDERS.some((each) => each === name));
  const finished = await runQuietly(sandbox, SCRIPT, {
    args: [folder, isUnread ? "shallow" : "deep", String(STUDIO_LIMITS.treeEntries + 1)],
    ...(signal && { signal }),
  });
  if (finished.exitCode === MISSING) {
    throw new StudioError("file_not_found", `There is no folder ${pathInProject(folder) || "."}.`, {
      field: "path",
    });
  }
  const text = Buffer.from(await finished.stdout(), "base64").toString("utf8");
  const records = text.split("\0").slice(0, -1);
  const entries = records
    .slice(0, STUDIO_LIMITS.treeEntries)
    .map((record) => toEntry(record, { folder, isUnread }));
  return {
    path: pathInProject(folder),
    entries: entries.sort((a, b) => comparePaths(a.path, b.path)),
    truncated: records.length > entries.length,
  };
}

function toEntry(
  record: string,
  { folder, isUnread }: { folder: string; isUnread: boolean },
): FileEntry {
  const [kind = "", size = "0", time = "0", ...rest] = record.split("\t");
  const relative = rest.join("\t");
  const type = KINDS[kind] ?? "other";
  const name = relative.slice(relative.lastIndexOf("/") + 1);
  const unread = type === "directory" && (isUnread || UNREAD_FOLDERS.some((each) => each === name));
  return {
    path: pathInProject(`${folder}/${relative}`),
    type,
    sizeBytes: Number(size),
    modifiedAt: Math.max(0, Math.trunc(Number(time) * 1_000)),
    ...(unread && { unread }),
  };
}

// A folder comes right before what is in it.
function comparePaths(a: string, b: string): number {
  const [x, y] = [a.split("/"), b.split("/")];
  for (let index = 0; index < Math.min(x.length, y.length); index++) {
    const [left = "", right = ""] = [x[index], y[index]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return x.length - y.length;
}
