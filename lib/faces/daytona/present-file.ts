import type { FileInfo } from "../../contract/file.ts";

const KINDS = { file: "-", directory: "d", symlink: "L", other: "?" } as const;
const BITS = "rwxrwxrwx";

/** A file as answers carry it; `path` only where more than one directory is listed. */
export function presentFile(file: FileInfo, { path }: { path?: string } = {}) {
  const modifiedAt = new Date(file.modifiedAt);
  return {
    name: file.name,
    isDir: file.type === "directory",
    size: file.size,
    mode: `${KINDS[file.type]}${letters(file.mode)}`,
    permissions: (file.mode & 0o777).toString(8).padStart(4, "0"),
    modTime: goTime(modifiedAt),
    modifiedAt: modifiedAt.toISOString(),
    owner: file.owner,
    group: file.group,
    ...(path !== undefined && { path }),
  };
}

function letters(mode: number): string {
  return [...BITS].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : "-")).join("");
}

/** As the vendor's server, which is written in Go, writes a time. */
function goTime(time: Date): string {
  return time.toISOString().replace("T", " ").replace("Z", " +0000 UTC");
}
