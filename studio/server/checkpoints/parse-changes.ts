/** One file that a commit changed, as git tells it. */
export interface RawChange {
  path: string;
  previousPath?: string;
  status: "added" | "modified" | "deleted" | "renamed";
  beforeBlob: string;
  afterBlob: string;
  /** Undefined for what is no text. */
  linesAdded?: number;
  linesRemoved?: number;
}

const STATUSES: Record<string, RawChange["status"]> = { A: "added", D: "deleted", R: "renamed" };

/** Reads what `git diff-tree -z --raw --numstat -M` puts out: first all raw records, then all counts. */
export function parseChanges(text: string): RawChange[] {
  const fields = text.split("\0");
  const changes = new Map<string, RawChange>();
  let position = 0;
  for (; fields[position]?.startsWith(":");) {
    const [, , beforeBlob = "", afterBlob = "", letters = ""] = fields[position]!.split(" ");
    const status = STATUSES[letters.charAt(0)] ?? "modified";
    const first = fields[position + 1] ?? "";
    const isRename = status === "renamed";
    const path = isRename ? (fields[position + 2] ?? "") : first;
    changes.set(path, {
      path,
      status,
      beforeBlob,
      afterBlob,
      ...(isRename && { previousPath: first }),
    });
    position += isRename ? 3 : 2;
  }
  while (position < fields.length - 1) {
    const [added = "", removed = "", ...rest] = fields[position]!.split("\t");
    // A renamed file has an empty name here, and both names in the fields that follow.
    const name = rest.join("\t");
    const path = name === "" ? (fields[position + 2] ?? "") : name;
    const change = changes.get(path);
    if (change && added !== "-") {
      change.linesAdded = Number(added);
      change.linesRemoved = Number(removed);
    }
    position += name === "" ? 3 : 1;
  }
  return [...changes.values()];
}

/** Reads what `git cat-file --batch` puts out: each blob's bytes by its id. */
export function parseBlobs(bytes: Buffer): Map<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  let position = 0;
  while (position < bytes.length) {
    const end = bytes.indexOf(0x0a, position);
    if (end < 0) break;
    const [id = "", , size = "0"] = bytes.subarray(position, end).toString("latin1").split(" ");
    const start = end + 1;
    const length = Number(size);
    blobs.set(id, bytes.subarray(start, start + length));
    position = start + length + 1;
  }
  return blobs;
}
