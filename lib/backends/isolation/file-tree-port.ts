import type { Stats } from "node:fs";

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
  /** Where the engine cannot make files that belong to that user: does it instead. */
  readonly maker?: FileMaker;
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
  /** Whether the name may be deleted from the directory. Both are verified host paths. */
  mustDelete(directory: string, name: string): Promise<void>;
}

/** Makes things as the default user, who the system then says may or may not. Throws the system's errors. */
export interface FileMaker {
  /** Makes a file that was not there, with all of its content. */
  makeFile(name: NewName, file: { mode: number; content: Uint8Array }): Promise<void>;
  makeDirectory(name: NewName, mode: number): Promise<void>;
}

export interface NewName {
  /** A verified host path of the directory. */
  directory: string;
  name: string;
}
