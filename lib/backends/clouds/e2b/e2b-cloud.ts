import { Readable } from "node:stream";
import type { Sandbox as E2bSandbox, SandboxInfo } from "e2b";
import type { OutputStream } from "../../../contract/command.ts";
import { SandboxError } from "../../../contract/errors.ts";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import { abortable } from "../../../std/abortable.ts";
import type { Cloud, CloudCreation, CloudSandbox, CloudSnapshot, Ran } from "../cloud.ts";
import { LineStream } from "../line-stream.ts";
import { E2B_CAPABILITIES } from "./e2b-capabilities.ts";
import { type E2bSdk, explain } from "./e2b-errors.ts";
import { networkOf } from "./e2b-network.ts";

interface Waiting {
  signal?: AbortSignal | undefined;
}

/** A connection only looks; e2b never shortens a life by it. */
const LOOK_MS = 1_000;

/** e2b's cloud, by its own SDK, which reads its own variables (E2B_API_KEY and the others). */
export class E2bCloud implements Cloud {
  readonly name = "e2b";
  readonly capabilities = E2B_CAPABILITIES;
  readonly #e2b: E2bSdk;
  /** By which commands and files go: one for each sandbox that was used. */
  readonly #connections = new Map<string, Promise<E2bSandbox>>();

  constructor(e2b: E2bSdk) {
    this.#e2b = e2b;
  }

  async create(
    { labels, env, timeoutMs, persistent, image, snapshotId, network }: CloudCreation,
    { signal }: Waiting,
  ): Promise<CloudSandbox> {
    return this.#ask(async () => {
      const options = {
        metadata: labels,
        envs: env,
        timeoutMs,
        lifecycle: {
          // Memory is no part of what is kept here.
          onTimeout: persistent ? ({ action: "pause", keepMemory: false } as const) : "kill",
        } as const,
        ...(network.mode === "deny-all"
          ? { allowInternetAccess: false }
          : network.mode === "custom" && { network: networkOf(network) }),
        ...(signal && { signal }),
      };
      const template = snapshotId ?? image;
      const { Sandbox } = this.#e2b;
      const made = await (template === undefined
        ? Sandbox.create(options)
        : Sandbox.create(template, options).catch((error: unknown) => {
            throw snapshotId === undefined ? error : goneSnapshot(snapshotId, error);
          }));
      this.#connections.set(made.sandboxId, Promise.resolve(made));
      return toSandbox(await made.getInfo());
    }, signal);
  }

  async find(id: string): Promise<CloudSandbox | undefined> {
    try {
      return toSandbox(await this.#ask(() => this.#e2b.Sandbox.getInfo(id)));
    } catch (error) {
      if (SandboxError.is(error) && error.code === "sandbox_not_found") return undefined;
      throw error;
    }
  }

  async *list(label?: { key: string; value: string }): AsyncGenerator<CloudSandbox, void, void> {
    const metadata = label && { [label.key]: label.value };
    const pages = this.#e2b.Sandbox.list({
      query: { state: ["running", "paused"], ...(metadata && { metadata }) },
    });
    while (pages.hasNext) {
      for (const each of await this.#ask(() => pages.nextItems())) yield toSandbox(each);
    }
  }

  async resume(
    id: string,
    { timeoutMs, signal }: { timeoutMs: number } & Waiting,
  ): Promise<CloudSandbox> {
    return this.#ask(async () => {
      const connection = await this.#e2b.Sandbox.connect(id, {
        timeoutMs,
        ...(signal && { signal }),
      });
      this.#connections.set(id, Promise.resolve(connection));
      return toSandbox(await connection.getInfo());
    }, signal);
  }

  async stop(id: string): Promise<void> {
    this.#connections.delete(id);
    await this.#ask(() => this.#e2b.Sandbox.pause(id, { keepMemory: false }));
  }

  async remove(id: string): Promise<void> {
    this.#connections.delete(id);
    await this.#ask(() => this.#e2b.Sandbox.kill(id));
  }

  async setTimeout(id: string, timeoutMs: number): Promise<void> {
    await this.#ask(() => this.#e2b.Sandbox.setTimeout(id, timeoutMs));
  }

  async setNetwork(id: string, policy: NetworkPolicy): Promise<void> {
    // It replaces all that held before.
    await this.#ask(() => this.#e2b.Sandbox.updateNetwork(id, networkOf(policy)));
  }

  async run(id: string, line: string, { signal }: Waiting = {}): Promise<Ran> {
    return this.#during(id, signal, async (sandbox) => {
      const handle = await sandbox.commands.run(line, { background: true, timeoutMs: 0 });
      const ended = handle.wait().catch((error: unknown) => {
        if (error instanceof this.#e2b.CommandExitError) return error;
        throw error;
      });
      // Nobody may wait for it any more.
      ended.catch(() => undefined);
      try {
        const { exitCode, stdout } = await abortable(ended, signal);
        return { exitCode, stdout };
      } catch (error) {
        if (signal?.aborted) await handle.kill().catch(() => undefined);
        throw error;
      }
    });
  }

  async *stream(
    id: string,
    line: string,
    { signal }: Waiting = {},
  ): AsyncGenerator<{ stream: OutputStream; data: string }, void, void> {
    const pieces = new LineStream();
    const handle = await this.#during(id, signal, (sandbox) =>
      sandbox.commands.run(line, {
        background: true,
        timeoutMs: 0,
        onStdout: (data) => pieces.push({ stream: "stdout", data }),
        onStderr: (data) => pieces.push({ stream: "stderr", data }),
      }),
    );
    const over = handle.wait().then(
      () => pieces.end(),
      async (error: unknown) => {
        const isExit = error instanceof this.#e2b.CommandExitError;
        // With the sandbox ends whatever was read of it.
        const isOver = isExit || (await this.#isOver(id));
        pieces.end(isOver ? undefined : explain(this.#e2b, error));
      },
    );
    try {
      yield* pieces.read(signal);
      await over;
    } finally {
      // Whoever reads no more has no use for the one that writes.
      if (!pieces.ended) await handle.kill().catch(() => undefined);
    }
  }

  async upload(id: string, path: string, content: Readable, { signal }: Waiting = {}) {
    await this.#during(id, signal, async (sandbox) => {
      // Node's own type of a web stream is another one than the language's.
      const body = Readable.toWeb(content) as unknown as ReadableStream;
      await sandbox.files.write(path, body, { ...(signal && { signal }), requestTimeoutMs: 0 });
    });
  }

  async download(id: string, path: string, { signal }: Waiting = {}): Promise<Readable> {
    const content = await this.#during(id, signal, (sandbox) =>
      sandbox.files.read(path, { format: "stream", requestTimeoutMs: 0 }),
    );
    return Readable.fromWeb(content as unknown as Parameters<typeof Readable.fromWeb>[0]);
  }

  async url(id: string, port: number): Promise<string> {
    const sandbox = await this.#during(id, undefined, async (connected) => connected);
    return `https://${sandbox.getHost(port)}`;
  }

  async snapshot(id: string): Promise<CloudSnapshot> {
    // Its name at e2b is a template's, of which the id is what leads to it.
    const { snapshotId } = await this.#ask(() => this.#e2b.Sandbox.createSnapshot(id));
    return { id: snapshotId };
  }

  async *snapshots(): AsyncGenerator<CloudSnapshot, void, void> {
    const pages = this.#e2b.Sandbox.listSnapshots();
    while (pages.hasNext) {
      for (const { snapshotId } of await this.#ask(() => pages.nextItems())) {
        yield { id: snapshotId };
      }
    }
  }

  async deleteSnapshot(id: string): Promise<void> {
    await this.#ask(() => this.#e2b.Sandbox.deleteSnapshot(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connections.clear();
  }

  /** Throws `sandbox_stopped` when it does not run: e2b itself would wake it. */
  async #during<T>(
    id: string,
    signal: AbortSignal | undefined,
    work: (sandbox: E2bSandbox) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const connecting = this.#connections.get(id) ?? this.#connect(id);
    try {
      return await this.#ask(async () => work(await connecting), signal);
    } catch (error) {
      if (this.#connections.get(id) === connecting) this.#connections.delete(id);
      signal?.throwIfAborted();
      // A connection outlives what it leads to.
      const found = await this.find(id);
      const isLost = SandboxError.is(error) && error.code === "sandbox_not_found";
      // It may be on its way out while it still counts as running.
      if (found && (isLost || found.state !== "running")) throw stopped(id);
      throw error;
    }
  }

  /** Never rejects: what cannot be asked is not known to be over. */
  async #isOver(id: string): Promise<boolean> {
    return this.find(id).then(
      (found) => found?.state !== "running",
      () => false,
    );
  }

  #connect(id: string): Promise<E2bSandbox> {
    const connecting = this.#ask(async () => {
      const info = await this.#e2b.Sandbox.getInfo(id);
      if (info.state !== "running") throw stopped(id);
      return this.#e2b.Sandbox.connect(id, { timeoutMs: LOOK_MS });
    });
    this.#connections.set(id, connecting);
    // Whoever waits for it is told.
    connecting.catch(() => this.#connections.delete(id));
    return connecting;
  }

  async #ask<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(this.#e2b, error, signal);
    }
  }
}

/** A template that is not there, or not for this team, is told in several ways. */
function goneSnapshot(id: string, error: unknown): unknown {
  const status: unknown = error instanceof Error && Reflect.get(error, "statusCode");
  if (status !== 400 && status !== 403 && status !== 404) return error;
  return new SandboxError("snapshot_gone", `There is no snapshot ${id}.`, { cause: error });
}

function stopped(id: string): SandboxError {
  return new SandboxError("sandbox_stopped", `Sandbox ${id} does not run; resume it.`);
}

function toSandbox(
  info: Pick<
    SandboxInfo,
    "sandboxId" | "state" | "metadata" | "startedAt" | "endAt" | "cpuCount" | "memoryMB"
  >,
): CloudSandbox {
  const startedAt = new Date(info.startedAt).getTime();
  return {
    id: info.sandboxId,
    state: info.state === "running" ? "running" : "stopped",
    labels: info.metadata ?? {},
    createdAt: startedAt,
    startedAt,
    endsAt: new Date(info.endAt).getTime(),
    vcpus: info.cpuCount,
    memoryMb: info.memoryMB,
  };
}
