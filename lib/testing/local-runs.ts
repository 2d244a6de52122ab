import { SandboxError } from "../contract/errors.ts";
import { type HostedSandbox, HostedSandbox as HostedSchema } from "../contract/carrier.ts";
import { type HostEnd, runSandboxHost } from "../host/carrier/run-host.ts";
import type { Settings } from "../host/settings.ts";
import type { HostSession, TriggerPlatform } from "../trigger-client/transport/platform.ts";

interface Run {
  id: string;
  cancel: AbortController;
  end: Promise<HostEnd | "crashed">;
  /** Whether callers can be served. */
  ready: boolean;
  ended: boolean;
  /** Dead: what it still writes goes nowhere. */
  dead: boolean;
  answers: Map<string, string[]>;
  changed: PromiseWithResolvers<void>;
}

interface Session extends HostSession {
  name: string;
  records: string[];
  arrived: PromiseWithResolvers<void>;
  metadata: string | undefined;
}

/** A platform whose runs are hosts in this process, real engines in them. Ending it cancels them all. */
export function localRuns(settings: Settings, { idleMs = 60_000 } = {}) {
  const refused = Promise.withResolvers<void>();
  let isDeletionSlow = false;
  const sessions = new Map<string, Session>();
  const runs = new Map<string, Run>();
  const forgotten: string[] = [];
  const asks: string[] = [];

  function present({ metadata, ...session }: Session): HostSession {
    const hosted = metadata === undefined ? undefined : HostedSchema.parse(JSON.parse(metadata));
    return { id: session.id, runId: session.runId, hosted };
  }

  function startRun(session: Session): void {
    const id = `run_${runs.size + 1}`;
    const run: Run = {
      id,
      cancel: new AbortController(),
      end: Promise.resolve("idle"),
      ready: false,
      ended: false,
      dead: false,
      answers: new Map(),
      changed: Promise.withResolvers(),
    };
    runs.set(id, run);
    session.runId = id;
    run.end = hold(session, run).finally(() => {
      run.ended = true;
    });
    run.end.catch(() => undefined);
  }

  function hold(session: Session, run: Run): Promise<HostEnd> {
    const tell = async (hosted: HostedSandbox): Promise<void> => {
      if (!run.dead) session.metadata = JSON.stringify(hosted);
    };
    return runSandboxHost(
      {
        address: run.id,
        previous: present(session).hosted,
        async write(caller, record) {
          if (run.dead) return;
          run.answers.set(caller, [...(run.answers.get(caller) ?? []), record]);
          run.changed.resolve();
          run.changed = Promise.withResolvers();
        },
        tell,
        async deleted() {
          sessions.delete(session.name);
          forgotten.push(session.id);
          if (isDeletionSlow) await refused.promise;
        },
        async listen(receive) {
          let on = true;
          // From the first record, as a run after a crash does without a cursor.
          const read = async (): Promise<void> => {
            for (let next = 0; on; next++) {
              while (on && next >= session.records.length) await session.arrived.promise;
              if (on) receive(JSON.parse(session.records[next] ?? ""));
            }
          };
          void read();
          return { [Symbol.asyncDispose]: async () => void (on = false) };
        },
      },
      {
        name: session.name,
        settings,
        signal: run.cancel.signal,
        idleMs,
        ready: async () => void (run.ready = true),
      },
    );
  }

  const platform: TriggerPlatform = {
    async start(name) {
      asks.push(`start ${name}`);
      let session = sessions.get(name);
      if (!session) {
        session = {
          id: `session_${sessions.size + forgotten.length + 1}`,
          name,
          runId: undefined,
          hosted: undefined,
          records: [],
          arrived: Promise.withResolvers(),
          metadata: undefined,
        };
        sessions.set(name, session);
      }
      if (session.runId === undefined || runs.get(session.runId)?.ended) startRun(session);
      return present(session);
    },
    async find(name) {
      const session = sessions.get(name);
      return session && present(session);
    },
    async *list() {
      for (const session of sessions.values()) yield present(session);
    },
    async forget({ id }) {
      forgotten.push(id);
      for (const [name, session] of sessions) if (session.id === id) sessions.delete(name);
    },
    async send({ id }, record) {
      const session = [...sessions.values()].find((each) => each.id === id);
      if (!session) {
        refused.resolve();
        throw new SandboxError("sandbox_not_found", "It was deleted.");
      }
      session.records.push(record);
      session.arrived.resolve();
      session.arrived = Promise.withResolvers();
      // The real one starts the next run when a record comes and none lives.
      if (session.runId !== undefined && runs.get(session.runId)?.ended) startRun(session);
    },
    async *answers(runId, { caller, from, signal }) {
      const run = runs.get(runId);
      const left = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => left.resolve(), { once: true });
      for (let next = from; run && !signal.aborted;) {
        const record = run.answers.get(caller)?.[next];
        if (record === undefined) await Promise.race([run.changed.promise, left.promise]);
        else {
          next += 1;
          yield record;
        }
      }
    },
    async state(runId) {
      asks.push(`state ${runId}`);
      const run = runs.get(runId);
      if (run?.ended) return { phase: "ended", status: "CRASHED" };
      return run?.ready
        ? { phase: "live", status: "EXECUTING" }
        : { phase: "waiting", status: "QUEUED" };
    },
  };

  return {
    platform,
    asks,
    forgotten,
    runs,
    /** From now on a deletion is answered only when its caller has found that nothing can be sent any more. */
    slowDeletions(): void {
      isDeletionSlow = true;
    },
    /** As a worker that dies: nothing is told and nothing is answered any more. */
    async crash(name: string): Promise<void> {
      const run = runs.get(sessions.get(name)?.runId ?? "");
      if (!run) throw new Error(`no run holds ${name}`);
      run.dead = true;
      run.cancel.abort();
      await run.end;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const run of runs.values()) run.cancel.abort();
      await Promise.allSettled([...runs.values()].map(({ end }) => end));
    },
  };
}
