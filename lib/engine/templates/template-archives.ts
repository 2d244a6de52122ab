import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { ArchiveHash } from "../../contract/template.ts";
import { newId } from "../../std/ids.ts";
import { bounded, readArchive } from "../archive.ts";
import type { Waiting } from "../engine.ts";
import { parseRequest } from "../parse-request.ts";

/** No hash has a dot. */
const DIGEST = ".digest";

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
      // First: an archive that is there has its digest.
      await writeFile(`${file}${DIGEST}`, await digestOf(making, signal), { mode: 0o600 });
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

  /** Tells apart what is in archives, whatever their callers call them and whenever they were made. */
  async digest(hash: string): Promise<string> {
    return readFile(`${this.#file(hash)}${DIGEST}`, "utf8");
  }

  #file(hash: string): string {
    return join(this.#directory, parseRequest(ArchiveHash, hash, "hash"));
  }
}

/** Of names, modes and contents, and not of times. Reads it to its end, so that what is no archive is found out. */
async function digestOf(file: string, signal: AbortSignal | undefined): Promise<string> {
  const digest = createHash("sha256");
  const add = (...parts: unknown[]) => void digest.update(`${JSON.stringify(parts)}\n`);
  const entries = readArchive(createReadStream(file), {
    directory: "/",
    onDirectory: async (path) => add("directory", path),
    onLink: (path, target) => add("link", path, target),
    ...(signal && { signal }),
  });
  for await (const { path, mode, size, content } of entries) {
    add("file", path, mode, size);
    for await (const piece of content) digest.update(piece);
  }
  return digest.digest("hex");
}
