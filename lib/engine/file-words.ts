import type { Readable } from "node:stream";
import type { FileEvent, FileInfo, FileMetadata } from "../contract/file.ts";
import type { Waiting } from "./engine.ts";
import type { ByteRange, FileEntry, FilePermissions } from "./root-files.ts";

// The part of the engine, as a face sees it, that is about files.

/**
 * What a file operation is about. A relative path begins at `cwd`, and that at the session's. With `sudo` as the
 * sandbox's root, otherwise its default user must be allowed to: what he may not do throws `invalid_request`.
 */
export interface FilePlace {
  path: string;
  cwd?: string;
  sudo?: boolean;
}

/** One file of many to be written; its path may be relative to `cwd`. */
export type FileToWrite = FileEntry;

export interface Files {
  /** Unpacks a tar (gzipped or not), its names relative to `directory`. Throws `invalid_request`, `too_large`, `path_outside_sandbox`. */
  writeArchive(
    sessionId: string,
    archive: Readable,
    options: Waiting & { directory: string },
  ): Promise<void>;
  /** Writes each file whole, in order, making its parents; answers in the same order. Small files are the quicker the more come at once. */
  write(
    sessionId: string,
    files: AsyncIterable<FileToWrite>,
    options?: Waiting & { cwd?: string; sudo?: boolean },
  ): Promise<FileInfo[]>;
  /** A whole file, or its bytes from `start` to `end` (both included). `size` is the whole file's. */
  read(
    sessionId: string,
    file: FilePlace & ByteRange,
    options?: Waiting,
  ): Promise<{ size: number; content: Readable }>;
  /** `created` is false where a recursive one was there already. */
  makeDirectory(
    sessionId: string,
    directory: FilePlace & { recursive: boolean; mode?: number },
  ): Promise<{ created: boolean }>;
  /** Of the name itself, not of what a link leads to. Throws `file_not_found`. */
  stat(
    sessionId: string,
    file: FilePlace & { metadata?: boolean },
    options?: Waiting,
  ): Promise<FileInfo>;
  /**
   * What is in a directory, `depth` levels deep (default 1), sorted by path. Throws `file_not_found`, and
   * `directory_not_found` for what is there but no directory.
   */
  list(
    sessionId: string,
    directory: FilePlace & { depth?: number; metadata?: boolean },
    options?: Waiting,
  ): Promise<FileInfo[]>;
  /**
   * Gives a thing another name, replacing a file (or an empty directory) that has it. Makes no parents: without them
   * `directory_not_found`. Between file systems it is copied and deleted, by `mv` in the sandbox.
   */
  move(
    sessionId: string,
    move: { source: string; destination: string; cwd?: string; sudo?: boolean },
    options?: Waiting,
  ): Promise<FileInfo>;
  /** Throws `file_not_found`; `invalid_request` for a directory that holds something, with `recursive: false` (default true). */
  remove(
    sessionId: string,
    file: FilePlace & { recursive?: boolean },
    options?: Waiting,
  ): Promise<void>;
  /** Follows links. Owner and group are names or ids of the sandbox's; to give a file away needs `sudo`. `unsupported` where everybody has one id. */
  setPermissions(sessionId: string, file: FilePlace & FilePermissions): Promise<FileInfo>;
  /** Replaces all of it. Follows links. `unsupported` where the file system keeps none. */
  setMetadata(sessionId: string, file: FilePlace & { metadata: FileMetadata }): Promise<FileInfo>;
  /** Begins with `ready`; ends with the session, or when the directory is gone. Throws the signal's reason. */
  watch(
    sessionId: string,
    directory: FilePlace & { recursive?: boolean },
    options?: Waiting,
  ): AsyncGenerator<FileEvent, void, void>;
}

/** The files of a drive, with or without a sandbox that has it mounted. Paths are absolute within the drive; links in it lead nowhere else. */
export interface DriveFiles {
  stat(path: string): Promise<FileInfo>;
  list(path: string, options?: Waiting & { depth?: number }): Promise<FileInfo[]>;
  makeDirectory(
    path: string,
    options: { recursive: boolean } & DrivePermissions,
  ): Promise<{ created: boolean; info: FileInfo }>;
  remove(path: string, options?: Waiting & { recursive?: boolean }): Promise<void>;
  read(path: string, options?: Waiting & ByteRange): Promise<{ size: number; content: Readable }>;
  /** Makes its parents. Without ids a new file is the default user's. */
  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options?: Waiting & DrivePermissions,
  ): Promise<FileInfo>;
  setPermissions(path: string, permissions: DrivePermissions): Promise<FileInfo>;
}

/** Ids as sandboxes see them. Others than the default user's are `unsupported` where everybody has one id. */
export interface DrivePermissions {
  uid?: number;
  gid?: number;
  mode?: number;
}
