import { SandboxError } from "../../contract/errors.ts";
import type { Page } from "../../contract/page.ts";
import {
  CreateSandboxRequest,
  type CreateSandboxRequestInput,
  type ForkSandboxRequest,
  type Route,
  type Sandbox,
  type Session,
  UpdateSandboxRequest,
} from "../../contract/sandbox.ts";
import { DEFAULTS } from "../../contract/defaults.ts";
import type {
  ResumeOptions,
  SandboxListRequest,
  Sandboxes,
  SandboxView,
  Waiting,
} from "../../engine/engine.ts";
import { newSandboxName } from "../../engine/new-sandbox.ts";
import { parseRequest } from "../../engine/parse-request.ts";
import type { Store } from "../../engine/ports.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { randomText } from "../../std/ids.ts";
import { checkCreation, checkUpdate } from "./check-requests.ts";
import type { Cloud, CloudSandbox } from "./cloud.ts";
import { GUEST } from "./guest-scripts.ts";
import { labelsOf, NAME_LABEL, newLabel, readLabel, rowsOf } from "./sandbox-label.ts";

export interface CloudPart {
  cloud: Cloud;
  /** What was last seen of the cloud: lists are answered from it. */
  store: Store;
}

/** Sandboxes whose state is in their cloud, and in nothing of this process's. */
export class CloudSandboxes implements Sandboxes {
  readonly #cloud: Cloud;
  readonly #store: Store;
  readonly #mutex = new KeyedMutex();

  constructor({ cloud, store }: CloudPart) {
    this.#cloud = cloud;
    this.#store = store;
  }

  async create(input: CreateSandboxRequestInput, { signal }: Waiting = {}): Promise<SandboxView> {
    const asked = parseRequest(CreateSandboxRequest, input, "sandbox");
    checkCreation(this.#cloud, asked);
    const request = { ...asked, name: asked.name ?? newSandboxName() };
    const {
      name,
      env,
      ports,
      timeoutMs,
      persistent,
      networkPolicy: network,
      image,
      source,
      tags,
    } = request;
    return this.#mutex.run(name, async () => {
      if (await this.#byName(name)) throw taken(name);
      const label = newLabel(request);
      const made = await this.#cloud.create(
        {
          name,
          labels: labelsOf(label, tags),
          env: { ...portVariables(ports), ...env },
          timeoutMs,
          persistent,
          network,
          ...(image !== undefined && { image }),
          ...(source?.type === "snapshot" && { snapshotId: source.snapshotId }),
        },
        { signal },
      );
      try {
        await this.#prepare(made.id, signal);
        return await this.#view(made);
      } catch (error) {
        // What cannot be deleted, either, is in the list; why it is not whole must not be lost over that.
        await this.#cloud.remove(made.id).catch(() => undefined);
        throw error;
      }
    });
  }

  async get(
    name: string,
    { resume = false, timeoutMs, signal }: Waiting & ResumeOptions = {},
  ): Promise<SandboxView & { resumed: boolean }> {
    const found = await this.#require(name);
    if (!resume || found.state === "running")
      return { ...(await this.#view(found)), resumed: false };
    // Many may ask at once, and it is to be resumed once.
    return this.#mutex.run(name, async () => {
      const now = await this.#require(name);
      if (now.state === "running") return { ...(await this.#view(now)), resumed: false };
      const limit = timeoutMs ?? readLabel(now).label.timeoutMs;
      const resumed = await this.#cloud.resume(now.id, { timeoutMs: limit, signal });
      return { ...(await this.#view(resumed)), resumed: true };
    });
  }

  async byId(id: string): Promise<SandboxView> {
    const found = await this.#cloud.find(id);
    if (!found) throw new SandboxError("sandbox_not_found", `There is no sandbox ${id}.`);
    return this.#view(found);
  }

  /** Of what was last seen: see `refresh`. */
  list({ sortBy, namePrefix, tags, statuses, ...page }: SandboxListRequest): Page<Sandbox> {
    return this.#store.sandboxes.page({
      ...page,
      sortBy: sortBy ?? "createdAt",
      ...(namePrefix !== undefined && { namePrefix }),
      ...(tags && { tags }),
      ...(statuses && statuses.length > 0 && { oneOf: { status: statuses } }),
    });
  }

  /** Asks the cloud which sandboxes there are. */
  async refresh(): Promise<void> {
    const seen: { sandbox: Sandbox; session: Session }[] = [];
    for await (const found of this.#cloud.list()) seen.push(rowsOf(found, DEFAULTS.cwd));
    const { sandboxes, sessions, transaction } = this.#store;
    transaction(() => {
      const names = new Set(seen.map(({ sandbox }) => sandbox.name));
      for (const each of sandboxes.all()) if (!names.has(each.name)) this.#forget(each);
      for (const { sandbox, session } of seen) {
        sandboxes.put(sandbox);
        sessions.put(session);
      }
    });
  }

  async update(name: string, input: UpdateSandboxRequest): Promise<SandboxView> {
    const changes = parseRequest(UpdateSandboxRequest, input, "sandbox");
    checkUpdate(this.#cloud, changes);
    return this.#mutex.run(name, async () => {
      const found = await this.#require(name);
      const { label, tags } = readLabel(found);
      const { ports, timeoutMs, persistent, networkPolicy } = changes;
      const labels = labelsOf(
        {
          ...label,
          ...(ports && { ports }),
          ...(timeoutMs !== undefined && { timeoutMs }),
          ...(persistent !== undefined && { persistent }),
          ...(networkPolicy && { networkPolicy }),
        },
        changes.tags ?? tags,
      );
      // The labels come last: they tell of what holds.
      if (networkPolicy) await this.#cloud.setNetwork(found.id, networkPolicy);
      if (persistent !== undefined) await this.#cloud.setPersistent?.(found.id, persistent);
      await this.#cloud.setLabels?.(found.id, labels);
      return this.#view({ ...found, labels });
    });
  }

  async delete(name: string): Promise<SandboxView> {
    const found = await this.#require(name);
    const view = await this.#view({ ...found, state: "stopped" });
    await this.#cloud.remove(found.id);
    this.#store.transaction(() => this.#forget(view.sandbox));
    return view;
  }

  /** By a snapshot of the source as it is, which stays. */
  async fork(source: string, request: ForkSandboxRequest, options?: Waiting): Promise<SandboxView> {
    const found = await this.#require(source);
    const { label, tags } = readLabel(found);
    const { currentSnapshotId, ...changes } = request;
    const name = request.name ?? newSandboxName();
    const { ports, timeoutMs, persistent, networkPolicy } = label;
    const copy = { ports, timeoutMs, persistent, networkPolicy, tags, ...changes, name };
    checkCreation(this.#cloud, parseRequest(CreateSandboxRequest, copy, "sandbox"));
    const snapshotId = currentSnapshotId ?? (await this.#copyOf(source));
    return this.create({ ...copy, source: { type: "snapshot", snapshotId } }, options);
  }

  /** A snapshot of it as it is; one that was stopped is woken for that. */
  async #copyOf(name: string): Promise<string> {
    // Whoever wants to use it meanwhile would be stopped with it.
    return this.#mutex.run(name, async () => {
      const found = await this.#require(name);
      const isRunning = found.state === "running";
      if (!isRunning) {
        await this.#cloud.resume(found.id, { timeoutMs: readLabel(found).label.timeoutMs });
      }
      try {
        const { id } = await this.#cloud.snapshot(found.id, `${name}-${randomText(8)}`);
        return id;
      } finally {
        if (!isRunning) await this.#cloud.stop(found.id);
      }
    });
  }

  /** Its rows, as they are remembered from now on, and the ways to its ports. */
  async #view(found: CloudSandbox): Promise<SandboxView> {
    const { sandbox, session } = rowsOf(found, DEFAULTS.cwd);
    this.#store.transaction(() => {
      this.#store.sandboxes.put(sandbox);
      this.#store.sessions.put(session);
    });
    return { sandbox, session, routes: await routesOf(this.#cloud, { found, sandbox }) };
  }

  #forget({ name, currentSessionId: sessionId }: Sandbox): void {
    const { sandboxes, sessions, commands } = this.#store;
    sandboxes.delete(name);
    sessions.delete(sessionId);
    for (const { id } of commands.all({ equals: { sessionId } })) commands.delete(id);
  }

  async #require(name: string): Promise<CloudSandbox> {
    const found = await this.#byName(name);
    if (found) return found;
    throw new SandboxError("sandbox_not_found", `There is no sandbox named ${name}.`);
  }

  /** One that another program made has its cloud's id for a name. */
  async #byName(name: string): Promise<CloudSandbox | undefined> {
    for await (const found of this.#cloud.list({ key: NAME_LABEL, value: name })) return found;
    const found = await this.#cloud.find(name);
    return found && readLabel(found).label.name === name ? found : undefined;
  }

  async #prepare(id: string, signal: AbortSignal | undefined): Promise<void> {
    const { exitCode } = await this.#cloud.run(id, GUEST.prepare(DEFAULTS.cwd), { signal });
    if (exitCode === 0) return;
    throw new SandboxError(
      "isolation_unavailable",
      `${DEFAULTS.cwd} cannot be made in a sandbox of this image: its user needs sudo without a password. Name another image.`,
    );
  }
}

/** What tells a program where to listen, as in sandboxes of this machine. */
function portVariables(ports: readonly number[]): Record<string, string> {
  const [first] = ports;
  return {
    ...(first !== undefined && { PORT: String(first) }),
    ...Object.fromEntries(ports.map((port) => [`SANDLOT_PORT_${port}`, String(port)])),
  };
}

/** A sandbox that does not run has no way in. */
export async function routesOf(
  cloud: Cloud,
  { found, sandbox }: { found: CloudSandbox; sandbox: Pick<Sandbox, "ports"> },
): Promise<Route[]> {
  if (found.state !== "running") return [];
  return Promise.all(sandbox.ports.map((port) => routeTo(cloud, found.id, port)));
}

/** The port of the URL is not one of this machine, but the place has a meaning for those that look at it. */
export async function routeTo(cloud: Cloud, id: string, port: number): Promise<Route> {
  const url = await cloud.url(id, port);
  const { port: explicit, protocol } = new URL(url);
  return { port, hostPort: Number(explicit) || (protocol === "https:" ? 443 : 80), url };
}

function taken(name: string): SandboxError {
  return new SandboxError("name_taken", `There is a sandbox named ${name} already.`);
}
