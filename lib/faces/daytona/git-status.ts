const STATES: Record<string, string> = {
  ".": "Unmodified",
  M: "Modified",
  T: "Modified",
  A: "Added",
  D: "Deleted",
  R: "Renamed",
  C: "Copied",
  U: "Updated but unmerged",
  "?": "Untracked",
};

interface FileStatus {
  name: string;
  /** The name that it had before. */
  extra: string;
  staging: string;
  worktree: string;
}

/** What `git status --porcelain=v2 --branch -z` says, in the vendor's words. */
export function readStatus(porcelain: string) {
  const entries = porcelain.split("\0");
  const heads = new Map<string, string>();
  const fileStatus: FileStatus[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] ?? "";
    const head = /^# branch\.(\S+) (.*)$/.exec(entry);
    if (head?.[1] !== undefined && head[2] !== undefined) heads.set(head[1], head[2]);
    const renamed = entry.startsWith("2 ");
    const file = fileOf(entry, renamed ? (entries[index + 1] ?? "") : "");
    if (file) fileStatus.push(file);
    // Of a renamed one the old name follows as an entry of its own.
    if (renamed) index++;
  }
  const branch = heads.get("head") ?? "";
  const detached = branch === "(detached)";
  const upstream = heads.get("upstream");
  const [, ahead = "0", behind = "0"] = /^\+(\d+) -(\d+)$/.exec(heads.get("ab") ?? "") ?? [];
  return {
    currentBranch: detached ? (heads.get("oid") ?? "HEAD") : branch,
    detached,
    ahead: Number(ahead),
    behind: Number(behind),
    branchPublished: upstream !== undefined,
    ...(upstream !== undefined && { upstream }),
    fileStatus,
  };
}

function fileOf(entry: string, extra: string): FileStatus | undefined {
  const [kind, states = ".."] = entry.split(" ", 2);
  if (kind === "?") {
    return { name: entry.slice(2), extra: "", staging: "Untracked", worktree: "Untracked" };
  }
  // How many words stand before the name.
  const words = { "1": 8, "2": 9, u: 10 }[kind ?? ""];
  if (words === undefined) return undefined;
  const name = entry.split(" ").slice(words).join(" ");
  const [staged = ".", changed = "."] = states;
  return { name, extra, staging: STATES[staged] ?? "", worktree: STATES[changed] ?? "" };
}
