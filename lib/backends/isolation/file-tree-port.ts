import type { Stats } from "node:fs";

/** A sandbox's files as the file API reaches them: by verified directories, never by a whole path. */
export interface FileTree {
  /** The sandbox's own absolute path for any that a caller gives. */
  toSandbox(path: string): string;
  openDirectories(options?: { beforeClose?: () => Promise<void> }): TreeDirectories;
  /**
   * Follows a path's links inside, the last one only with `follow` (default true). The stats are those of what
   * is there, if anything. Throws `file_not_found` when a directory on the way is missing.
   */
  resolve(
    path: string,
    options?: { follow?: boolean },
  ): Promise<{ path: string; stats: Stats | undefined }>;
  /** Who is who, as it is now. */
  owners(): FileOwners;
  /** Where the engine may do more than the user as whom it acts: keeps it to what that user may. */
  readonly guard?: FileGuard;
  /** Where the engine cannot make files that belong to that user: does it instead. */
  readonly maker?: FileMaker;
  /** Whether a link is there by the engine's doing, and stands for a directory of its own. */
  isMount?(path: string): boolean;
}

export interface TreeDirectories extends AsyncDisposable {
  /**
   * A host path of the directory that cannot be led astray, for one name to be appended. Valid until
   * `beforeClose` is called next. With `make`, what is missing is made; otherwise it throws `file_not_found`.
   */
  at(path: string, options: { make: boolean }): Promise<string>;
}

/** Whose files are, in the sandbox's words. */
export interface FileOwners {
  of(stats: Stats): { uid: number; gid: number; owner: string; group: string };
  /** The host's ids of a user or a group, by name or by the sandbox's id. Throws `invalid_request`, `unsupported`. */
  hostIds(wanted: { owner?: string | number | undefined; group?: string | number | undefined }): {
    uid?: number;
    gid?: number;
  };
}

/** One user's rights. What must be allowed and is not throws as the system does, with EACCES or EPERM. */
export interface FileGuard {
  maySearch(stats: Stats): boolean;
  mustSearch(stats: Stats): void;
  mustRead(stats: Stats): void;
  mayWrite(stats: Stats): boolean;
  /** Whether names may be added to the directory. */
  mustAdd(directory: Stats): void;
  /** Whether the name may be deleted from the directory; what has it is looked at only where that matters. */
  mustDelete(directory: Stats, entry: () => Stats): void;
  /** Whether mode may be changed. */
  mustOwn(stats: Stats): void;
  /** Whether it may be given to the host's ids. */
  mustGive(stats: Stats, ids: { uid?: number; gid?: number }): void;
}

/** Makes things as the user, who the system then says may or may not. Throws the system's errors. */
export interface FileMaker {
  /** Makes a file that was not there, with all of its content. */
  makeFile(name: NewName, file: { mode: number; content: Uint8Array }): Promise<void>;
  makeDirectory(name: NewName, mode: number): Promise<void>;
  /** Undefined where nobody has the rights on both directories that can add names, too. */
  rename?(source: NewName, destination: NewName): Promise<void>;
}

export interface NewName {
  /** A verified host path of the directory. */
  directory: string;
  name: string;
}
