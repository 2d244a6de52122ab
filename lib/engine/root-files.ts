import type { Readable } from "node:stream";
import type { FileEvent, FileInfo, FileMetadata } from "../contract/file.ts";

// The part of the isolation port that is about files.

/** A file on its way into a sandbox. */
export interface FileEntry {
  /** Absolute and normalised, as commands see it. */
  path: string;
  /** Permission bits; absent means the backend's default for new files (0644). */
  mode?: number;
  /** Absent where nobody knows before the content's end. */
  size?: number;
  /** Must be read to its end before the next entry is asked for. */
  content: AsyncIterable<Uint8Array>;
  /** Replaces what it bears. Absent leaves it as it is. */
  metadata?: FileMetadata;
  /** Whose a new file will be. Default: of whom it is written as. */
  owner?: "default" | "root";
}

/** As whom files are reached: the sandbox's default user, or its root. Root is `unsupported` where there are no users. */
export interface FileAccess {
  sudo?: boolean;
  signal?: AbortSignal;
}

/** A part of a file: both ends are included, and cut at the file's end. */
export interface ByteRange {
  start?: number;
  end?: number;
}

/** Files as the sandbox's users see them. No path leads outside, by whatever link. */
export interface RootFiles {
  /**
   * Writes each entry whole, making its parents. Throws `path_outside_sandbox`, `storage_full`. With `inform`
   * tells what became of each, in order; otherwise the answer is empty.
   */
  write(
    entries: AsyncIterable<FileEntry>,
    options?: FileAccess & { inform?: boolean },
  ): Promise<FileInfo[]>;
  /** Throws `file_not_found` (also for what is no regular file). `size` is the whole file's. */
  read(
    path: string,
    options?: FileAccess & ByteRange,
  ): Promise<{ size: number; content: Readable }>;
  makeDirectory(
    path: string,
    options: FileAccess & { recursive: boolean; mode?: number },
  ): Promise<{ created: boolean }>;
  /** Does not follow a link at the path's end. Throws `file_not_found`. */
  stat(path: string, options?: FileAccess & { metadata?: boolean }): Promise<FileInfo>;
  /** What lies below, so many levels deep, sorted by path. Throws `file_not_found`, `directory_not_found` for what is no directory. */
  list(
    path: string,
    options: FileAccess & { depth: number; metadata?: boolean },
  ): Promise<FileInfo[]>;
  /** As rename(2), which makes no parents. `moved` is false, and nothing has changed, where the two are on different file systems. */
  move(source: string, destination: string, options?: FileAccess): Promise<{ moved: boolean }>;
  /** Throws `file_not_found`, and `invalid_request` for a directory that holds something, without `recursive`. */
  remove(path: string, options: FileAccess & { recursive: boolean }): Promise<void>;
  /** Follows links. Owner and group are names or ids of the sandbox's. */
  setPermissions(path: string, permissions: FilePermissions & FileAccess): Promise<FileInfo>;
  /** Replaces all of it. Follows links. `unsupported` where the file system keeps none. */
  setMetadata(path: string, metadata: FileMetadata, options?: FileAccess): Promise<FileInfo>;
  /** Begins with `ready`. Ends when the directory is gone, or the root is halted. */
  watch(
    path: string,
    options: FileAccess & { recursive: boolean },
  ): AsyncGenerator<FileEvent, void, void>;
}

/** Files without a session: nothing runs there. */
export type DriveTree = Omit<RootFiles, "move" | "setMetadata" | "watch">;

export interface FilePermissions {
  mode?: number;
  owner?: string | number;
  group?: string | number;
}
