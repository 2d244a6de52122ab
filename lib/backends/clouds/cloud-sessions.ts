import { SandboxError } from "../../contract/errors.ts";
import { DEFAULTS } from "../../contract/defaults.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import type { Route, Sandbox, Session } from "../../contract/sandbox.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import type { Usage } from "../../contract/usage.ts";
import type { Sessions } from "../../engine/engine.ts";
import type { Store } from "../../engine/ports.ts";
import { randomText } from "../../std/ids.ts";
import { refusal, requireCapability } from "./capabilities.ts";
import type { Cloud, CloudSandbox } from "./cloud.ts";
import { type CloudPart, routesOf, routeTo } from "./cloud-sandboxes.ts";
import { rememberSnapshot } from "./cloud-snapshots.ts";
import { cloudIdOf, labelsOf, readLabel, rowsOf } from "./sandbox-label.ts";

/** The one session that each sandbox has. */
export class CloudSessions implements Sessions {
  readonly #cloud: Cloud;
  readonly #store: Store;

  constructor({ cloud, store }: CloudPart) {
    this.#cloud = cloud;
    this.#store = store;
  }

  async get(id: string): Promise<{ session: Session; sandbox?: Sandbox; routes: Route[] }> {
    const found = await this.#require(id);
    const rows = this.#remember(found);
    return { ...rows, routes: await routesOf(this.#cloud, { found, sandbox: rows.sandbox }) };
  }

  list({ sandboxName, ...page }: PageRequest & { sandboxName?: string }): Page<Session> {
    return this.#store.sessions.page({
      ...page,
      sortBy: "createdAt",
      ...(sandboxName !== undefined && { equals: { sandboxName } }),
    });
  }

  async stop(id: string): Promise<{ session: Session; sandbox?: Sandbox }> {
    const found = await this.#require(id);
    const { persistent } = readLabel(found).label;
    if (found.state === "running") {
      // What is not kept is deleted: a cloud has no word for one that is only remembered.
      await (persistent ? this.#cloud.stop(found.id) : this.#cloud.remove(found.id));
    }
    return this.#remember({ ...found, state: "stopped", endsAt: Date.now() });
  }

  async extendTimeout(id: string, durationMs: number): Promise<Session> {
    const found = await this.#requireRunning(id);
    requireCapability(this.#cloud, "timeout");
    if (found.endsAt === undefined) throw refusal(this.#cloud, "timeout", "extendTimeout");
    return this.#endAt(found, found.endsAt + durationMs);
  }

  async setTimeout(id: string, timeoutMs: number): Promise<Session> {
    return this.#endAt(await this.#requireRunning(id), Date.now() + timeoutMs);
  }

  async touch(id: string): Promise<void> {
    await this.#requireRunning(id);
    throw refusal(this.#cloud, "timeout", "touch");
  }

  async pause(): Promise<never> {
    throw refusal(this.#cloud, "resume", "pause");
  }

  async route(id: string, port: number): Promise<Route> {
    const found = await this.#requireRunning(id);
    requireCapability(this.#cloud, "ports");
    return routeTo(this.#cloud, found.id, port);
  }

  async setNetworkPolicy(id: string, policy: NetworkPolicy): Promise<Session> {
    const found = await this.#requireRunning(id);
    requireCapability(this.#cloud, "network");
    await this.#cloud.setNetwork(found.id, policy);
    const { label, tags } = readLabel(found);
    const labels = labelsOf({ ...label, networkPolicy: policy }, tags);
    await this.#cloud.setLabels?.(found.id, labels);
    return { ...this.#remember({ ...found, labels }).session, networkPolicy: policy };
  }

  async snapshot(
    id: string,
    { expirationMs }: { expirationMs?: number } = {},
  ): Promise<{ snapshot: Snapshot; session: Session }> {
    const found = await this.#requireRunning(id);
    requireCapability(this.#cloud, "snapshots");
    if (expirationMs !== undefined && expirationMs !== 0) {
      requireCapability(this.#cloud, "snapshotExpiration", "expiration of a snapshot");
    }
    const { name } = readLabel(found).label;
    const kept = await this.#cloud.snapshot(found.id, `${name}-${randomText(8)}`);
    const snapshot = rememberSnapshot(this.#store, kept, {
      isolation: this.#cloud.name,
      source: { sandboxName: name, sessionId: id },
    });
    // Kept in any case: it goes on from here.
    await this.#cloud.stop(found.id);
    const stopped = { ...found, state: "stopped", endsAt: Date.now() } as const;
    return { snapshot, session: this.#remember(stopped).session };
  }

  async usage(id: string): Promise<Usage> {
    await this.#require(id);
    throw refusal(this.#cloud, "usage");
  }

  async #endAt(found: CloudSandbox, endsAt: number): Promise<Session> {
    await this.#cloud.setTimeout(found.id, Math.max(0, endsAt - Date.now()));
    return this.#remember({ ...found, endsAt }).session;
  }

  #remember(found: CloudSandbox): { sandbox: Sandbox; session: Session } {
    const rows = rowsOf(found, DEFAULTS.cwd);
    this.#store.transaction(() => {
      this.#store.sandboxes.put(rows.sandbox);
      this.#store.sessions.put(rows.session);
    });
    return rows;
  }

  async #requireRunning(id: string): Promise<CloudSandbox> {
    const found = await this.#require(id);
    if (found.state === "running") return found;
    throw new SandboxError(
      "sandbox_stopped",
      `Session ${id} is ${found.state}; resume its sandbox.`,
    );
  }

  async #require(id: string): Promise<CloudSandbox> {
    const cloudId = cloudIdOf(id);
    const found = cloudId === undefined ? undefined : await this.#cloud.find(cloudId);
    if (found) return found;
    // One that was not persistent and has stopped here is remembered until the next list.
    const session = this.#store.sessions.get(id);
    const sandbox = session && this.#store.sandboxes.get(session.sandboxName);
    if (!session || !sandbox || session.status === "running") {
      throw new SandboxError("session_not_found", `There is no session ${id}.`);
    }
    return remembered(sandbox, session);
  }
}

function remembered(sandbox: Sandbox, session: Session): CloudSandbox {
  const { id, name, vcpus, memoryMb, createdAt, ports, timeoutMs, persistent, tags } = sandbox;
  const { networkPolicy } = sandbox;
  const label = { name, createdAt, ports, timeoutMs, persistent, networkPolicy };
  const startedAt = session.startedAt ?? createdAt;
  return {
    id,
    state: "stopped",
    labels: labelsOf(label, tags),
    createdAt,
    startedAt,
    vcpus,
    memoryMb,
  };
}
