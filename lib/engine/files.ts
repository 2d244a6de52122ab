import { join } from "node:path";
import type { Readable } from "node:stream";
import { SandboxError } from "../contract/errors.ts";
import { FileMetadata, type FileEvent, type FileInfo } from "../contract/file.ts";
import { newId } from "../std/ids.ts";
import { readArchive } from "./archive.ts";
import type { Waiting } from "./engine.ts";
import type { FilePlace, Files, FileToWrite } from "./file-words.ts";
import type { LiveSession, LiveSessions } from "./sessions/live-sessions.ts";
import { moveByProgram } from "./move-by-program.ts";
import { parseRequest } from "./parse-request.ts";
import { resolvePath } from "./resolve-path.ts";
import type { ByteRange, FileAccess, FileEntry, FilePermissions } from "./root-files.ts";

export interface SandboxFilesOptions {
  sessions: LiveSessions;
  /** A directory for what the engine's own programs write. */
  scratch: string;
}

/** Files of running sessions. */
export class SandboxFiles implements Files {
  readonly #sessions: LiveSessions;
  readonly #scratch: string;

  constructor({ sessions, scratch }: SandboxFilesOptions) {
    this.#sessions = sessions;
    this.#scratch = scratch;
  }

  async writeArchive(
    sessionId: string,
    archive: Readable,
    { directory, signal }: Waiting & { directory: string },
  ): Promise<void> {
    const { root, session } = await this.#sessions.require(sessionId);
    const waiting = signal ? { signal } : {};
    const entries = readArchive(archive, {
      directory: resolvePath(session.cwd, directory),
      onDirectory: async (path) => {
        await root.files.makeDirectory(path, { recursive: true });
      },
      ...waiting,
    });
    await root.files.write(entries, waiting);
  }

  async write(
    sessionId: string,
    files: AsyncIterable<FileToWrite>,
    { cwd, ...access }: FileAccess & { cwd?: string } = {},
  ): Promise<FileInfo[]> {
    const { root, session } = await this.#sessions.require(sessionId);
    const entries = absolute(files, resolvePath(session.cwd, cwd));
    return root.files.write(entries, { ...access, inform: true });
  }

  async read(
    sessionId: string,
    { start, end, ...place }: FilePlace & ByteRange,
    waiting: Waiting = {},
  ): Promise<{ size: number; content: Readable }> {
    const range = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
    for (const byte of Object.values(range)) mustBeCount(byte, "start and end");
    const { files, path, access } = await this.#reach(sessionId, place, waiting);
    return files.read(path, { ...access, ...range });
  }

  async makeDirectory(
    sessionId: string,
    { recursive, mode, ...place }: FilePlace & { recursive: boolean; mode?: number },
  ): Promise<{ created: boolean }> {
    mustBeMode(mode);
    const { files, path, access } = await this.#reach(sessionId, place);
    const options = { ...access, recursive, ...(mode !== undefined && { mode }) };
    return files.makeDirectory(path, options);
  }

  async stat(
    sessionId: string,
    { metadata = false, ...place }: FilePlace & { metadata?: boolean },
    waiting: Waiting = {},
  ): Promise<FileInfo> {
    const { files, path, access } = await this.#reach(sessionId, place, waiting);
    return files.stat(path, { ...access, metadata });
  }

  async list(
    sessionId: string,
    { depth = 1, metadata = false, ...place }: FilePlace & { depth?: number; metadata?: boolean },
    waiting: Waiting = {},
  ): Promise<FileInfo[]> {
    mustBeCount(depth, "depth", 1);
    const { files, path, access } = await this.#reach(sessionId, place, waiting);
    return files.list(path, { ...access, depth, metadata });
  }

  async move(
    sessionId: string,
    move: { source: string; destination: string; cwd?: string; sudo?: boolean },
    waiting: Waiting = {},
  ): Promise<FileInfo> {
    const { source, destination, ...rest } = move;
    const from = await this.#reach(sessionId, { path: source, ...rest }, waiting);
    const { files, live, access } = from;
    const to = resolvePath(live.session.cwd, rest.cwd, destination);
    const { moved } = await files.move(from.path, to, access);
    if (!moved) {
      const scratch = join(this.#scratch, newId("move"));
      await moveByProgram(live.root, { source: from.path, destination: to, ...access, scratch });
    }
    return files.stat(to, access);
  }

  async remove(
    sessionId: string,
    { recursive = true, ...place }: FilePlace & { recursive?: boolean },
    waiting: Waiting = {},
  ): Promise<void> {
    const { files, path, access } = await this.#reach(sessionId, place, waiting);
    await files.remove(path, { ...access, recursive });
  }

  async setPermissions(
    sessionId: string,
    { path, cwd, sudo, ...permissions }: FilePlace & FilePermissions,
  ): Promise<FileInfo> {
    mustBeMode(permissions.mode);
    const place = { path, ...(cwd !== undefined && { cwd }), ...(sudo !== undefined && { sudo }) };
    const reached = await this.#reach(sessionId, place);
    return reached.files.setPermissions(reached.path, { ...permissions, ...reached.access });
  }

  async setMetadata(
    sessionId: string,
    { metadata, ...place }: FilePlace & { metadata: FileMetadata },
  ): Promise<FileInfo> {
    const parsed = parseRequest(FileMetadata, metadata, "metadata");
    const { files, path, access } = await this.#reach(sessionId, place);
    return files.setMetadata(path, parsed, access);
  }

  async *watch(
    sessionId: string,
    { recursive = false, ...place }: FilePlace & { recursive?: boolean },
    { signal }: Waiting = {},
  ): AsyncGenerator<FileEvent, void, void> {
    const { files, path, access, live } = await this.#reach(sessionId, place);
    const ends = signal ? AbortSignal.any([live.ending, signal]) : live.ending;
    try {
      yield* files.watch(path, { ...access, recursive, signal: ends });
    } catch (error) {
      signal?.throwIfAborted();
      if (!live.ending.aborted) throw error;
    }
  }

  async #reach(sessionId: string, { path, cwd, sudo }: FilePlace, { signal }: Waiting = {}) {
    const live: LiveSession = await this.#sessions.require(sessionId);
    signal?.throwIfAborted();
    const access: FileAccess = { ...(sudo !== undefined && { sudo }), ...(signal && { signal }) };
    return {
      live,
      files: live.root.files,
      path: resolvePath(live.session.cwd, cwd, path),
      access,
    };
  }
}

async function* absolute(
  files: AsyncIterable<FileToWrite>,
  base: string,
): AsyncGenerator<FileEntry, void, void> {
  for await (const file of files) {
    mustBeMode(file.mode);
    if (file.metadata) parseRequest(FileMetadata, file.metadata, "metadata");
    yield { ...file, path: resolvePath(base, file.path) };
  }
}

function mustBeMode(mode: number | undefined): void {
  if (mode === undefined || (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)) return;
  throw new SandboxError("invalid_request", "mode: permission bits go from 0 to 0o7777.");
}

function mustBeCount(count: number, what: string, least = 0): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new SandboxError(
    "invalid_request",
    `${what}: a whole number was expected, not below ${least}.`,
  );
}
