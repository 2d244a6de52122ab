import { posix } from "node:path";
import type { FileInfo } from "../../../contract/file.ts";
import { SandboxError } from "../../../contract/errors.ts";
import type { Sandbox } from "../../../contract/sandbox.ts";
import type { Engine } from "../../../engine/engine.ts";
import { type Caller, requireKnownUser, resolvePath } from "./caller.ts";
import { type EntryInfo, presentEntry } from "./wire-filesystem.ts";

// As many as Linux follows.
const LINKS_FOLLOWED = 40;

/**
 * The files of one sandbox in the name of one caller. As at the vendor's, whose servers run as root: every caller
 * reaches every file, and what it makes is its own. Where there is no root, what the one user may do decides.
 */
export class SandboxFiles {
  readonly #engine: Engine;
  readonly #place: { sandbox: Sandbox; caller: Caller };
  readonly sudo: boolean;

  /** Throws Refusal for a caller whose files cannot be told from others', `unsupported` for root where there is none. */
  constructor({ engine, ...place }: { engine: Engine; sandbox: Sandbox; caller: Caller }) {
    requireKnownUser(place.caller);
    this.#engine = engine;
    this.#place = place;
    const { users } = engine.isolation.features;
    if (place.caller.isRoot && !users.offered) throw new SandboxError("unsupported", users.reason);
    this.sudo = users.offered;
  }

  get sessionId(): string {
    return this.#place.sandbox.currentSessionId;
  }

  get owner(): "default" | "root" {
    return this.#place.caller.isRoot ? "root" : "default";
  }

  /** Absolute, as commands see it. */
  resolve(path: string): string {
    return resolvePath(path, this.#place);
  }

  /** Throws `file_not_found`. */
  async entry(path: string, options: { signal?: AbortSignal } = {}): Promise<EntryInfo> {
    const place = { path, sudo: this.sudo, metadata: true };
    return this.present(await this.#engine.files.stat(this.sessionId, place, options));
  }

  async present(info: FileInfo): Promise<EntryInfo> {
    return presentEntry(info, info.type === "symlink" ? await this.#follow(info) : undefined);
  }

  /**
   * What is at the path, links followed; undefined when there is nothing, or a link that leads nowhere. For whatever
   * else fails it throws.
   */
  async target(path: string): Promise<FileInfo | undefined> {
    try {
      const info = await this.#engine.files.stat(this.sessionId, { path, sudo: this.sudo });
      return info.type === "symlink" ? await this.#follow(info) : info;
    } catch (error) {
      if (SandboxError.is(error) && error.code === "file_not_found") return undefined;
      throw error;
    }
  }

  /** Makes a directory and its parents, the caller's own. `created` is false when it was there. */
  async makeDirectory(path: string): Promise<{ created: boolean }> {
    const missing = await this.#missing(path);
    const { created } = await this.#engine.files.makeDirectory(this.sessionId, {
      path,
      recursive: true,
      sudo: this.sudo,
    });
    if (this.sudo && this.owner === "default") {
      // Made by root: what is new is given to whom it was made for.
      const { user: owner } = this.#place.sandbox;
      for (const each of missing) {
        const place = { path: each, owner, group: owner, sudo: true };
        await this.#engine.files.setPermissions(this.sessionId, place);
      }
    }
    return { created };
  }

  /** Those of the path and its parents that are not there, the longest first. */
  async #missing(path: string): Promise<string[]> {
    const missing: string[] = [];
    for (let each = path; each !== "/"; each = posix.dirname(each)) {
      if (await this.target(each)) break;
      missing.push(each);
    }
    return missing;
  }

  async #follow(link: FileInfo): Promise<FileInfo | undefined> {
    let info = link;
    for (let count = 0; count < LINKS_FOLLOWED; count++) {
      if (info.type !== "symlink") return info;
      const path = posix.resolve(posix.dirname(info.path), info.symlinkTarget ?? "");
      try {
        info = await this.#engine.files.stat(this.sessionId, { path, sudo: this.sudo });
      } catch (error) {
        // Whatever is wrong with the target, the link itself is there and can be told of.
        if (SandboxError.is(error)) return undefined;
        throw error;
      }
    }
    return undefined;
  }
}
