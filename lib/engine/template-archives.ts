import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { ArchiveHash } from "../contract/template.ts";
import { newId } from "../std/ids.ts";
import { bounded, readArchive } from "./archive.ts";
import type { Waiting } from "./engine.ts";
import { parseRequest } from "./parse-request.ts";

/** The archives of one template's copy steps, on disk, as they were put. */
export class TemplateArchives {
  readonly #directory: string;

  /** `directory` is made when it is needed. */
  constructor({ directory }: { directory: string }) {
    this.#directory = directory;
  }

  /** Replaces one of the same hash when it is there whole. Throws `invalid_request` for what is no archive, `too_large`. */
  async put(hash: string, archive: Readable, { signal }: Waiting = {}): Promise<void> {
    const file = this.#file(hash);
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const making = join(this.#directory, `${newId("making")}.tmp`);
    try {
      const target = createWriteStream(making, { mode: 0o600, flags: "wx" });
      await pipeline([archive, bounded(LIMITS.uploadBytes), target], signal ? { signal } : {});
      await this.#check(making, signal);
      await rename(making, file);
    } catch (error) {
      await rm(making, { force: true });
      throw error;
    }
  }

  async has(hash: string): Promise<boolean> {
    try {
      return (await stat(this.#file(hash))).isFile();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    }
  }

  /** Throws `invalid_request` when there is none. */
  async open(hash: string): Promise<Readable> {
    if (await this.has(hash)) return createReadStream(this.#file(hash));
    throw new SandboxError(
      "invalid_request",
      `The archive ${hash} of a copy step was never put; put it before the build is started.`,
    );
  }

  async #check(file: string, signal: AbortSignal | undefined): Promise<void> {
    const entries = readArchive(createReadStream(file), {
      directory: "/",
      onDirectory: async () => undefined,
      onLink: () => undefined,
      ...(signal && { signal }),
    });
    for await (const entry of entries) for await (const _piece of entry.content);
  }

  #file(hash: string): string {
    return join(this.#directory, parseRequest(ArchiveHash, hash, "hash"));
  }
}
