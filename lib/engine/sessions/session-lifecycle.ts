import { join } from "node:path";
import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { Source } from "../../contract/sandbox-parts.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import type { Usage } from "../../contract/usage.ts";
import { newId } from "../../std/ids.ts";
import { type Ended, endedRecords } from "./ended-session.ts";
import type { DriveKeeper } from "../drive-keeper.ts";
import type { Waiting } from "../engine.ts";
import type { Clock, Fetcher, Isolation, Root, Store } from "../ports.ts";
import type { PortRoutes } from "../port-routes.ts";
import type { RunningSessions } from "./running-sessions.ts";
import type { SnapshotKeeper } from "../snapshot-keeper.ts";
import type { SecretEgress } from "../secrets/secret-egress.ts";
import { loadSource } from "../sources.ts";

/** What the lifecycle asks of the commands when a session ends. */
interface SessionCommands {
  /** After the root was halted: every command of the session is recorded as ended. */
  endAll(sessionId: string): Promise<void>;
}

export interface SessionLifecycleOptions {
  store: Store;
  isolation: Isolation;
  clock: Clock;
  fetcher: Fetcher;
  running: RunningSessions;
  commands: SessionCommands;
  ports: PortRoutes;
  drives: DriveKeeper;
  snapshots: SnapshotKeeper;
  egress: SecretEgress;
  /** For files that live only as long as a source is loaded. */
  scratch: string;
}

export interface StartRequest extends Waiting {
  /** The sandbox as it is to be; stored when the session runs. */
  sandbox: Omit<Sandbox, "currentSessionId" | "status" | "statusUpdatedAt" | "hostPorts"> &
    Partial<Pick<Sandbox, "hostPorts">>;
  snapshot?: Snapshot;
  /** Of this session alone; absent: the sandbox's own. */
  timeoutMs?: number;
  source?: Exclude<Source, { type: "snapshot" }>;
}

export interface EndRequest {
  /** Whether and how the files are kept. */
  capture: Snapshot["creationMethod"] | "none";
  /** The sandbox is paused afterwards, not stopped. */
  paused?: boolean;
  expirationMs?: number;
  /** What the snapshot is called. */
  name?: string;
}

const ENDED = new Set<Session["status"]>(["stopped", "failed", "aborted"]);

/** Whether a session is over for good. */
export function hasEnded(session: Session): boolean {
  return ENDED.has(session.status);
}

/**
 * Starts and ends sessions. Callers hold the sandbox's lock. What is started is
 * stored in one transaction once it runs; what is ended is marked first, so that
 * an engine that dies half-way can finish it from the records.
 */
export class SessionLifecycle {
  readonly #options: SessionLifecycleOptions;

  constructor(options: SessionLifecycleOptions) {
    this.#options = options;
  }

  /** Leaves no root and no record behind when it fails; the sandbox's ports stay open. */
  async start(request: StartRequest): Promise<{ sandbox: Sandbox; session: Session }> {
    const { store, isolation, clock, running, ports, drives, snapshots, egress } = this.#options;
    const { signal, snapshot } = request;
    signal?.throwIfAborted();
    const { name } = request.sandbox;
    const id = newId("sbx");
    const requestedAt = clock.now();
    const mounts = await drives.resolve(request.sandbox.mounts, name);
    const hostPorts = await ports.open(
      name,
      request.sandbox.ports,
      request.sandbox.hostPorts ?? {},
    );
    const filled = egress.fill(request.sandbox);
    const root = await isolation.prepare(
      {
        sessionId: id,
        sandboxName: name,
        ...(snapshot && { snapshotId: snapshot.id }),
        cwd: request.sandbox.cwd,
        home: request.sandbox.home,
        user: request.sandbox.user,
        mounts,
        ports: Object.entries(hostPorts).map(([port, hostPort]) => ({
          port: Number(port),
          hostPort,
        })),
        ...filled,
        vcpus: request.sandbox.vcpus,
        memoryMb: request.sandbox.memoryMb,
      },
      signal ? { signal } : {},
    );
    try {
      await this.#load(root, id, request);
      signal?.throwIfAborted();
      const now = clock.now();
      const sandbox: Sandbox = {
        ...request.sandbox,
        hostPorts,
        currentSessionId: id,
        status: "running",
        statusUpdatedAt: now,
        updatedAt: now,
      };
      const session: Session = {
        id,
        sandboxName: name,
        status: "running",
        requestedAt,
        createdAt: requestedAt,
        startedAt: now,
        updatedAt: now,
        timeoutMs: request.timeoutMs ?? sandbox.timeoutMs,
        vcpus: sandbox.vcpus,
        memoryMb: sandbox.memoryMb,
        region: sandbox.region,
        ...(sandbox.runtime !== undefined && { runtime: sandbox.runtime }),
        cwd: sandbox.cwd,
        networkPolicy: sandbox.networkPolicy,
        ...(snapshot && { sourceSnapshotId: snapshot.id }),
        root: root.handle,
        isolation: isolation.name,
      };
      store.transaction(() => {
        store.sandboxes.put(sandbox);
        store.sessions.put(session);
        if (snapshot) snapshots.recordUse(snapshot);
        drives.attach(sandbox, session);
      });
      running.add(id, root);
      ports.connect(name, root, id);
      if (snapshot) snapshots.schedule();
      await egress.settle(session, sandbox, filled);
      return { sandbox, session };
    } catch (error) {
      await root.halt({ graceMs: 0 });
      await root.remove();
      throw error;
    }
  }

  /** Ends a session that has not ended. When it throws, the session can be ended again: no file is lost. */
  async end(session: Session, sandbox: Sandbox, request: EndRequest): Promise<Ended> {
    const { isolation, running, ports, commands, snapshots } = this.#options;
    const marked = this.#markEnding(session, sandbox, request);
    running.announceEnd(session.id);
    await ports.disconnect(sandbox.name, { session: "ended" });
    const root = running.rootOf(session.id);
    const usage = await root?.usage();
    await root?.halt({ graceMs: DEFAULTS.stopGraceMs });
    await commands.endAll(session.id);
    const snapshotId = marked.session.capturingSnapshotId;
    let captured: { sizeBytes: number } | undefined;
    if (snapshotId === undefined) await root?.remove();
    else {
      // After a crash the files may be under the snapshot's id already.
      captured = await isolation.measureSnapshot(snapshotId);
      captured ??= await root?.capture(snapshotId);
    }
    const snapshot =
      snapshotId !== undefined && captured
        ? snapshots.describe(marked, {
            id: snapshotId,
            sizeBytes: captured.sizeBytes,
            creationMethod: request.capture === "manual" ? "manual" : "automatic",
            ...(request.expirationMs !== undefined && { expirationMs: request.expirationMs }),
            ...(request.name !== undefined && { name: request.name }),
          })
        : undefined;
    const ended = this.#recordEnd(marked, { usage, ...(snapshot && { snapshot }) });
    running.remove(session.id);
    if (snapshot) {
      await snapshots.retire(ended.sandbox);
      snapshots.schedule();
    }
    return ended;
  }

  /** Records a session whose root was lost with the engine that ran it. */
  abort(session: Session, sandbox: Sandbox): Ended {
    return this.#recordEnd({ session, sandbox }, { aborted: true });
  }

  async #load(root: Root, sessionId: string, { source, sandbox, signal }: StartRequest) {
    if (!source) return;
    await loadSource(root, source, {
      fetcher: this.#options.fetcher,
      cwd: sandbox.cwd,
      scratch: join(this.#options.scratch, sessionId),
      ...(signal && { signal }),
    });
  }

  #markEnding(session: Session, sandbox: Sandbox, request: EndRequest) {
    const { store, clock } = this.#options;
    if (hasEnded(session)) {
      throw new SandboxError("internal", `Session ${session.id} was to be ended twice.`);
    }
    const now = clock.now();
    const status = request.capture === "manual" ? "snapshotting" : "stopping";
    const capturingSnapshotId =
      session.capturingSnapshotId ?? (request.capture === "none" ? undefined : newId("snap"));
    const marked = {
      session: {
        ...session,
        status,
        updatedAt: now,
        requestedStopAt: session.requestedStopAt ?? now,
        ...(request.capture === "manual" && { snapshottedAt: now }),
        ...(request.paused && { endsPaused: true }),
        ...(capturingSnapshotId !== undefined && { capturingSnapshotId }),
      } satisfies Session,
      sandbox: { ...sandbox, status, statusUpdatedAt: now, updatedAt: now } satisfies Sandbox,
    };
    store.transaction(() => {
      store.sessions.put(marked.session);
      store.sandboxes.put(marked.sandbox);
    });
    return marked;
  }

  #recordEnd(
    { session, sandbox }: { session: Session; sandbox: Sandbox },
    end: { snapshot?: Snapshot; usage?: Usage | undefined; aborted?: boolean },
  ): Ended {
    const { store, clock, drives } = this.#options;
    const ended = endedRecords({ session, sandbox }, { ...end, at: clock.now() });
    store.transaction(() => {
      if (end.snapshot) store.snapshots.put(end.snapshot);
      store.sessions.put(ended.session);
      store.sandboxes.put(ended.sandbox);
      drives.detach(session.id);
    });
    return ended;
  }
}
