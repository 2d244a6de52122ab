import type { Readable } from "node:stream";
import type { Daytona, Sandbox as DaytonaSandbox } from "@daytona/sdk";
import type { OutputStream } from "../../../contract/command.ts";
import { SandboxError } from "../../../contract/errors.ts";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import { abortable } from "../../../std/abortable.ts";
import { newId } from "../../../std/ids.ts";
import type { Cloud, CloudCreation, CloudSandbox, CloudSnapshot, Ran } from "../cloud.ts";
import { LineStream } from "../line-stream.ts";
import { DAYTONA_CAPABILITIES } from "./daytona-capabilities.ts";
import { type DaytonaSdk, explain } from "./daytona-errors.ts";
import { networkOf } from "./daytona-network.ts";
import { BYTES_PER_GIB, isThere, languageOf, toSandbox } from "./daytona-sandbox.ts";

interface Waiting {
  signal?: AbortSignal | undefined;
}

const MINUTE_MS = 60_000;
const URL_SECONDS = 24 * 60 * 60;
/** By which ours are known among the snapshots that every organization has. */
const OWN_SNAPSHOT = "sandlot-";
const PAGE = 100;
/** How it is told that a snapshot is not there, or cannot be used. */
const GONE: ReadonlySet<number | undefined> = new Set([400, 404]);

/** Daytona's cloud, by its own SDK, which reads its own variables (DAYTONA_API_KEY and the others). */
export class DaytonaCloud implements Cloud {
  readonly name = "daytona";
  readonly capabilities = DAYTONA_CAPABILITIES;
  readonly #sdk: DaytonaSdk;
  #client: Daytona | undefined;
  /** What was asked for by its id before: by them commands and files go. */
  readonly #connections = new Map<string, Promise<DaytonaSandbox>>();

  constructor(sdk: DaytonaSdk) {
    this.#sdk = sdk;
  }

  async create(creation: CloudCreation, { signal }: Waiting): Promise<CloudSandbox> {
    const { name, labels, env, timeoutMs, persistent, snapshotId, network } = creation;
    return this.#ask(async (daytona) => {
      const request = {
        name,
        labels,
        envVars: env,
        autoStopInterval: minutes(timeoutMs),
        ...networkOf(network),
        ...(snapshotId !== undefined && { snapshot: snapshotId }),
        ...(!persistent && { ephemeral: true }),
      };
      const made = await daytona.create(request).catch((error: unknown) => {
        const isGone = error instanceof this.#sdk.DaytonaError && GONE.has(error.statusCode);
        if (snapshotId === undefined || !isGone) throw error;
        const message = `There is no snapshot ${snapshotId}.`;
        throw new SandboxError("snapshot_gone", message, { cause: error });
      });
      // The SDK cannot be told that nobody waits any more.
      if (signal?.aborted) {
        await made.delete();
        signal.throwIfAborted();
      }
      this.#connections.set(made.id, Promise.resolve(made));
      return toSandbox(made);
    }, signal);
  }

  async find(id: string): Promise<CloudSandbox | undefined> {
    try {
      const found = await this.#ask((daytona) => daytona.get(id));
      // It answers to names, too.
      return found.id === id && isThere(found) ? toSandbox(found) : undefined;
    } catch (error) {
      if (SandboxError.is(error) && error.code === "sandbox_not_found") return undefined;
      throw error;
    }
  }

  async *list(label?: { key: string; value: string }): AsyncGenerator<CloudSandbox, void, void> {
    const query = label ? { labels: { [label.key]: label.value } } : {};
    const found = await this.#ask(async (daytona) => daytona.list(query));
    for (;;) {
      const next = await this.#ask(() => found.next());
      if (next.done) return;
      if (isThere(next.value)) yield toSandbox(next.value);
    }
  }

  async resume(
    id: string,
    { timeoutMs, signal }: { timeoutMs: number } & Waiting,
  ): Promise<CloudSandbox> {
    return this.#ask(async (daytona) => {
      const found = await daytona.get(id);
      await found.start();
      await found.setAutostopInterval(minutes(timeoutMs));
      await found.refreshData();
      this.#connections.set(id, Promise.resolve(found));
      return toSandbox(found);
    }, signal);
  }

  async stop(id: string): Promise<void> {
    await this.#with(id, (found) => found.stop());
  }

  async remove(id: string): Promise<void> {
    await this.#with(id, (found) => found.delete());
    this.#connections.delete(id);
  }

  async setTimeout(id: string, timeoutMs: number): Promise<void> {
    await this.#with(id, (found) => found.setAutostopInterval(minutes(timeoutMs)));
  }

  async setPersistent(id: string, persistent: boolean): Promise<void> {
    // Minutes after its stop; a negative number is never.
    await this.#with(id, (found) => found.setAutoDeleteInterval(persistent ? -1 : 0));
  }

  async setLabels(id: string, labels: Record<string, string>): Promise<void> {
    await this.#with(id, (found) => {
      // One of them is the SDK's own, by which it knows how to run code.
      return found.setLabels({ ...labels, ...languageOf(found) });
    });
  }

  async setNetwork(id: string, policy: NetworkPolicy): Promise<void> {
    const network = networkOf(policy);
    await this.#with(id, (found) =>
      // What is left out would stay as it was.
      found.updateNetworkSettings({ networkAllowList: "", domainAllowList: "", ...network }),
    );
  }

  async run(id: string, line: string, { signal }: Waiting = {}): Promise<Ran> {
    return this.#with(
      id,
      async (found) => {
        // Both outputs would come as one.
        const running = found.process.executeCommand(
          `${line} 2>/dev/null`,
          undefined,
          undefined,
          0,
        );
        const { exitCode, result } = await abortable(running, signal);
        return { exitCode, stdout: result };
      },
      signal,
    );
  }

  async *stream(
    id: string,
    line: string,
    { signal }: Waiting = {},
  ): AsyncGenerator<{ stream: OutputStream; data: string }, void, void> {
    const pieces = new LineStream();
    const session = newId("sandlot");
    const { over, leave } = await this.#with(
      id,
      async (connected) => {
        await connected.process.createSession(session);
        const end = () => connected.process.deleteSession(session).catch(() => undefined);
        try {
          const request = { command: line, runAsync: true };
          const { cmdId } = await connected.process.executeSessionCommand(session, request);
          const reading = connected.process.getSessionCommandLogs(
            session,
            cmdId,
            (data) => pieces.push({ stream: "stdout", data }),
            (data) => pieces.push({ stream: "stderr", data }),
          );
          return { over: reading, leave: end };
        } catch (error) {
          await end();
          throw error;
        }
      },
      signal,
    );
    const ended = over.then(
      () => pieces.end(),
      // With the sandbox ends whatever was read of it.
      async (error: unknown) =>
        pieces.end((await this.#isOver(id)) ? undefined : explain(this.#sdk, error)),
    );
    try {
      yield* pieces.read(signal);
      await ended;
    } finally {
      // It is for this one reading; with it ends whatever still writes.
      await leave();
    }
  }

  async upload(id: string, path: string, content: Readable, { signal }: Waiting = {}) {
    await this.#with(
      id,
      (found) => found.fs.uploadFileStream(content, path, signal ? { signal } : {}),
      signal,
    );
  }

  async download(id: string, path: string, { signal }: Waiting = {}): Promise<Readable> {
    return this.#with(
      id,
      (found) => found.fs.downloadFileStream(path, signal ? { signal } : {}),
      signal,
    );
  }

  async url(id: string, port: number): Promise<string> {
    return this.#with(
      id,
      async (found) => (await found.getSignedPreviewUrl(port, URL_SECONDS)).url,
    );
  }

  async snapshot(id: string, name: string): Promise<CloudSnapshot> {
    const own = `${OWN_SNAPSHOT}${name}`;
    await this.#with(id, (found) => found.createSnapshot(own));
    return { id: own, createdAt: Date.now() };
  }

  async *snapshots(): AsyncGenerator<CloudSnapshot, void, void> {
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { items, totalPages } = await this.#ask((daytona) => daytona.snapshot.list(page, PAGE));
      pages = totalPages;
      for (const { name, createdAt, size } of items) {
        if (!name.startsWith(OWN_SNAPSHOT)) continue;
        // Told in gibibytes.
        const sizeBytes = Math.round((size ?? 0) * BYTES_PER_GIB);
        yield { id: name, createdAt: new Date(createdAt).getTime(), sizeBytes };
      }
    }
  }

  async deleteSnapshot(id: string): Promise<void> {
    try {
      await this.#ask(async (daytona) => daytona.snapshot.delete(await daytona.snapshot.get(id)));
    } catch (error) {
      if (!SandboxError.is(error) || error.code !== "sandbox_not_found") throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connections.clear();
    const client = this.#client;
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
  }

  /** Never rejects: what cannot be asked is not known to be over. */
  async #isOver(id: string): Promise<boolean> {
    return this.find(id).then(
      (found) => found?.state !== "running",
      () => false,
    );
  }

  /** Throws `sandbox_stopped` when what failed does not run. */
  async #with<T>(
    id: string,
    work: (found: DaytonaSandbox) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    let connecting = this.#connections.get(id);
    if (!connecting) {
      connecting = this.#ask((daytona) => daytona.get(id));
      this.#connections.set(id, connecting);
      // Whoever waits for it is told.
      connecting.catch(() => this.#connections.delete(id));
    }
    const found = await connecting;
    try {
      return await this.#ask(() => work(found), signal);
    } catch (error) {
      signal?.throwIfAborted();
      this.#connections.delete(id);
      const now = await this.find(id);
      if (!now || now.state === "running") throw error;
      throw new SandboxError("sandbox_stopped", `Sandbox ${id} does not run; resume it.`, {
        cause: error,
      });
    }
  }

  async #ask<T>(work: (daytona: Daytona) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work((this.#client ??= new this.#sdk.Daytona()));
    } catch (error) {
      throw explain(this.#sdk, error, signal);
    }
  }
}

const minutes = (ms: number): number => Math.max(1, Math.ceil(ms / MINUTE_MS));
