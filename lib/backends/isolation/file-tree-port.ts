import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** A sandbox's files as the file API reaches them: by verified directories, never by a whole path. */
export interface FileTree {
  /** The sandbox's own absolute path for any that a caller gives. */
  toSandbox(path: string): string;
  openDirectories(options?: { beforeClose?: () => Promise<void> }): TreeDirectories;
  /**
   * Follows a path's links inside. The stats are those of what is there, if anything. Throws
   * `file_not_found` when a directory on the way is missing.
   */
  resolve(path: string): Promise<{ path: string; stats: Stats | undefined }>;
  /** Where the engine may do more than the sandbox's default user: keeps it to what that user may. */
  readonly guard?: FileGuard;
}

export interface TreeDirectories extends AsyncDisposable {
  /**
   * A host path of the directory that cannot be led astray, for one name to be appended. Valid until
   * `beforeClose` is called next. With `make`, what is missing is made; otherwise it throws `file_not_found`.
   */
  at(path: string, options: { make: boolean }): Promise<string>;
}

/** The default user's rights. What must be allowed and is not throws as the system does, with EACCES. */
export interface FileGuard {
  mustRead(stats: Stats): void;
  mayWrite(stats: Stats): boolean;
  /** Whether names may be made in the directory, or the one that is given be deleted. Both are host paths. */
  mustChange(directory: string, name?: string): Promise<void>;
  /** Makes what was just made the user's own: an open file, or a directory's verified host path. */
  claim(made: FileHandle | string): Promise<void>;
}
