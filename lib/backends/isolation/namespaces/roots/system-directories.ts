/** Entries of the topmost directory that are the system's. All others are a sandbox's own, with all that is in them. */
export const SYSTEM_DIRECTORIES: ReadonlySet<string> = new Set(
  "bin sbin lib lib32 lib64 libx32 usr etc var boot dev proc sys run mnt root".split(" "),
);
