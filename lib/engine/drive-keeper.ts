import { posix } from "node:path";
import { SandboxError } from "../contract/errors.ts";
import { DriveRequest, type Drive } from "../contract/drive.ts";
import type { Page } from "../contract/page.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { Mounts } from "../contract/sandbox-parts.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";
import { newId } from "../std/ids.ts";
import { driveFiles } from "./drive-files.ts";
import type { Drives } from "./engine.ts";
import type { DriveFiles } from "./file-words.ts";
import { parseRequest } from "./parse-request.ts";
import type { Clock, Isolation, PrepareRequest, Store } from "./ports.ts";

/** Drives: directories that outlive sandboxes, each with at most one sandbox that writes to it. */
export class DriveKeeper implements Drives {
  readonly #store: Store;
  readonly #isolation: Isolation;
  readonly #clock: Clock;
  readonly #mutex = new KeyedMutex();

  constructor({ store, isolation, clock }: { store: Store; isolation: Isolation; clock: Clock }) {
    this.#store = store;
    this.#isolation = isolation;
    this.#clock = clock;
  }

  async getOrCreate(request: DriveRequest): Promise<{ drive: Drive; created: boolean }> {
    const parsed = parseRequest(DriveRequest, request, "drive");
    return this.#mutex.run(parsed.name, async () => {
      const existing = this.#find(parsed.name);
      if (existing) return { drive: existing, created: false };
      const drive = this.#describe(parsed);
      await this.#isolation.ensureDrive(drive.id);
      this.#store.drives.put(drive);
      return { drive, created: true };
    });
  }

  async get(nameOrId: string): Promise<Drive> {
    const drive = this.#find(nameOrId) ?? this.#store.drives.get(nameOrId);
    if (drive) return drive;
    throw new SandboxError("drive_not_found", `There is no drive ${nameOrId}.`);
  }

  list({ sortBy, namePrefix, ...page }: Parameters<Drives["list"]>[0]): Page<Drive> {
    return this.#store.drives.page({
      ...page,
      sortBy: sortBy ?? "createdAt",
      ...(namePrefix !== undefined && { namePrefix }),
    });
  }

  async fork(sourceName: string, request: DriveRequest): Promise<Drive> {
    const parsed = parseRequest(DriveRequest, request, "drive");
    const source = await this.get(sourceName);
    return this.#mutex.run(parsed.name, async () => {
      if (this.#find(parsed.name)) {
        throw new SandboxError(
          "name_taken",
          `A drive named ${parsed.name} exists already; choose another name for the copy.`,
        );
      }
      const drive = this.#describe(parsed);
      await this.#isolation.copyDrive(source.id, drive.id);
      this.#store.drives.put(drive);
      return drive;
    });
  }

  files(nameOrId: string): DriveFiles {
    return driveFiles({ find: () => this.get(nameOrId), isolation: this.#isolation });
  }

  async delete(name: string): Promise<Drive> {
    const { name: key } = await this.get(name);
    return this.#mutex.run(key, async () => {
      const drive = await this.get(key);
      if (drive.currentSandboxName !== undefined) throw inUse(drive);
      this.#store.drives.delete(drive.id);
      await this.#isolation.deleteDrive(drive.id);
      return drive;
    });
  }

  /** The drives behind a sandbox's mounts, as the isolation wants them. Throws `drive_not_found`, `drive_in_use`. */
  async resolve(
    mounts: Mounts | undefined,
    sandboxName: string,
  ): Promise<PrepareRequest["mounts"]> {
    const resolved: PrepareRequest["mounts"] = [];
    requireApart(Object.keys(mounts ?? {}));
    for (const [path, { drive: name, mode }] of Object.entries(mounts ?? {})) {
      const drive = await this.get(name);
      const holder = drive.currentSandboxName;
      if (mode === "read-write" && holder !== undefined && holder !== sandboxName) {
        throw inUse(drive);
      }
      resolved.push({ path, driveId: drive.id, mode });
    }
    return resolved;
  }

  /** Marks the drives that a session writes to. To be called in the transaction that starts the session. */
  attach(sandbox: Sandbox, session: Session): void {
    for (const { drive: name, mode } of Object.values(sandbox.mounts ?? {})) {
      const drive = this.#find(name);
      if (!drive || mode !== "read-write") continue;
      const holder = drive.currentSandboxName;
      if (holder !== undefined && holder !== sandbox.name) throw inUse(drive);
      this.#store.drives.put({
        ...drive,
        currentSandboxName: sandbox.name,
        currentSessionId: session.id,
        updatedAt: this.#clock.now(),
      });
    }
  }

  /** Frees the drives of a session. To be called in the transaction that ends it. */
  detach(sessionId: string): void {
    for (const drive of this.#store.drives.all()) {
      if (drive.currentSessionId !== sessionId) continue;
      const { currentSessionId: _session, currentSandboxName: _sandbox, ...free } = drive;
      this.#store.drives.put({ ...free, updatedAt: this.#clock.now() });
    }
  }

  #find(name: string): Drive | undefined {
    return this.#store.drives.all({ equals: { name } })[0];
  }

  #describe(request: DriveRequest): Drive {
    const now = this.#clock.now();
    return { id: newId("drive"), ...request, createdAt: now, updatedAt: now };
  }
}

function inUse(drive: Drive): SandboxError {
  return new SandboxError(
    "drive_in_use",
    `Drive ${drive.name} is in use by sandbox ${drive.currentSandboxName}; stop that sandbox first, or mount a snapshot of the drive.`,
  );
}

/** One drive inside another would hide a part of it, or lie in it for good. */
function requireApart(paths: readonly string[]): void {
  const sorted = paths.map((path) => `${posix.normalize(path).replace(/\/+$/, "")}/`).sort();
  for (const [index, path] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || !path.startsWith(before)) continue;
    throw new SandboxError(
      "invalid_request",
      `Drives cannot be mounted at "${before}" and "${path}" at once: one would lie inside the other.`,
    );
  }
}
