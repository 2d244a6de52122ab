import type { Readable } from "node:stream";
import { readArchive } from "./archive.ts";
import type { Waiting } from "./engine.ts";
import type { Files } from "./file-words.ts";
import type { LiveSessions } from "./live-sessions.ts";
import { resolvePath } from "./resolve-path.ts";

/** Files of running sessions. */
export class SandboxFiles implements Files {
  readonly #sessions: LiveSessions;

  constructor({ sessions }: { sessions: LiveSessions }) {
    this.#sessions = sessions;
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
      onDirectory: (path) => root.files.makeDirectory(path, { recursive: true }),
      ...waiting,
    });
    await root.files.write(entries, waiting);
  }

  async read(
    sessionId: string,
    { path, cwd }: { path: string; cwd?: string },
    waiting: Waiting = {},
  ): Promise<{ size: number; content: Readable }> {
    const { root, session } = await this.#sessions.require(sessionId);
    return root.files.read(resolvePath(session.cwd, cwd, path), waiting);
  }

  async makeDirectory(
    sessionId: string,
    { path, cwd, recursive }: { path: string; cwd?: string; recursive: boolean },
  ): Promise<void> {
    const { root, session } = await this.#sessions.require(sessionId);
    await root.files.makeDirectory(resolvePath(session.cwd, cwd, path), { recursive });
  }
}
