import type { HostedSandbox } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import { recordedFace, refusal } from "../../host/carrier/recorded-face.ts";
import type { FetchInit } from "../../host/native-fetch.ts";
import { type Transport, withUrl } from "../../host/transport.ts";
import { VERCEL_PREFIX } from "../../host/vercel-prefix.ts";
import { MadeOnce } from "../../std/made-once.ts";
import {
  HostConnection,
  type HostConnectionOptions,
  HostGone,
  RunEnded,
} from "./host-connection.ts";
import { namedCreation } from "./named-creation.ts";
import { noteSessions, SessionNames } from "./session-names.ts";
import type { HostSession, TriggerPlatform } from "./platform.ts";
import { type SandboxRoute, sandboxRoute } from "./sandbox-route.ts";

export type TriggerTransportOptions = { open: () => Promise<TriggerPlatform> } & Pick<
  HostConnectionOptions,
  "silenceMs" | "startMs"
>;

/** How many runs' states are asked for at once. */
const LANES = 8;
/** A host that ended while it was being asked is followed by another; twice in a row is no coincidence. */
const TRIES = 3;

/**
 * Requests go to runs of a Trigger.dev project, one for each sandbox. Making a sandbox starts its run;
 * whatever else is asked of one whose run has ended starts the next one, which finds what was kept.
 */
export class TriggerTransport implements Omit<Transport, "kind" | "describe"> {
  readonly #options: TriggerTransportOptions;
  readonly #platform: MadeOnce<TriggerPlatform>;
  readonly #connections = new Map<string, HostConnection>();
  readonly #names = new SessionNames();

  constructor(options: TriggerTransportOptions) {
    this.#options = options;
    this.#platform = new MadeOnce(options.open);
  }

  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    init.signal?.throwIfAborted();
    return withUrl(await this.#answerOrRefuse(path, init), `http://localhost${path}`);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close(new HostGone());
    this.#connections.clear();
    this.#platform.forget(this.#platform.current);
  }

  /** What the engine would have answered with is an answer; that there is none to be had is thrown. */
  async #answerOrRefuse(path: string, init: FetchInit): Promise<Response> {
    try {
      const route = sandboxRoute(init.method ?? "GET", path);
      return await this.#answer(await this.#platform.get(), { route, path, init });
    } catch (error) {
      if (!SandboxError.is(error) || error.code === "engine_unavailable") throw error;
      return refusal(error);
    }
  }

  async #answer(platform: TriggerPlatform, { route, path, init }: Call): Promise<Response> {
    switch (route.kind) {
      case "list":
        return this.#list(platform, path, init);
      case "create": {
        const { name, init: named } = await namedCreation(init, route);
        // What has no name that is one is refused without a host.
        if (name === undefined) return answerFrom([], path, named);
        const newer = path.replace("/v1/", "/v2/");
        const made = await this.#ask(platform, {
          name,
          path: route.isOld ? newer : path,
          init: named,
          creates: true,
        });
        if (!route.isOld || !made.ok) return made;
        // Told as the caller knows sandboxes.
        const one = { name, path: `${path}/${name}`, init: { signal: init.signal ?? null } };
        return this.#ask(platform, one);
      }
      case "sandbox":
        return this.#ask(platform, { ...route, path, init });
      case "session":
      case "snapshot": {
        const name = await this.#names.nameOf(route, platform);
        const absent = new SandboxError(
          `${route.kind}_not_found`,
          `There is no ${route.kind} ${route.id}.`,
        );
        if (name === undefined) throw absent;
        return this.#ask(platform, { name, path, init, wakes: true, absent });
      }
      case "unknown":
        return answerFrom([], path, init);
    }
  }

  async #ask(platform: TriggerPlatform, question: Question): Promise<Response> {
    const { name, path, init } = question;
    for (let tries = 1; ; tries++) {
      const connection = await this.#connect(platform, question);
      if (connection instanceof Response) return connection;
      try {
        const response = await connection.fetch(path, init);
        if (question.deletes && response.ok) this.#connections.delete(name);
        return await noteSessions(response, (ids) => this.#names.note(name, ids));
      } catch (error) {
        if (this.#connections.get(name) === connection) this.#connections.delete(name);
        init.signal?.throwIfAborted();
        if (!mayBeSentAgain(error, init) || tries === TRIES) throw error;
      }
    }
  }

  /** The way to the sandbox's host, or the answer where none is needed. */
  async #connect(
    platform: TriggerPlatform,
    question: Question,
  ): Promise<HostConnection | Response> {
    const { name, path, init } = question;
    const known = this.#connections.get(name);
    const isGood = known && !known.isBroken;
    if (isGood && (!known.isDoubtful || (await isRunning(platform, known.runId)))) return known;
    this.#connections.delete(name);
    const found = question.creates ? undefined : await platform.find(name);
    if (!question.creates && !found) {
      if (question.absent) throw question.absent;
      return answerFrom([], path, init);
    }
    const hosted = found?.hosted;
    if (found && hosted?.state === "lost") {
      return answerFrom([hosted], path, init, () => platform.forget(found));
    }
    const isLive = found?.runId !== undefined && (await isRunning(platform, found.runId));
    if (hosted && !isLive && question.wakes === false && !question.deletes) {
      return answerFrom([{ ...hosted, state: "stopped" }], path, init);
    }
    const session = found && isLive ? found : await platform.start(name);
    const connection = this.#connections.get(name) ?? this.#open(platform, session);
    this.#connections.set(name, connection);
    return connection;
  }

  #open(platform: TriggerPlatform, session: HostSession): HostConnection {
    const { open: _, ...times } = this.#options;
    return new HostConnection({ ...times, platform, session, runId: session.runId ?? "" });
  }

  /** What hosts told last; of those that said that they run, the platform is asked whether they do. */
  async #list(platform: TriggerPlatform, path: string, init: FetchInit): Promise<Response> {
    const sessions: HostSession[] = [];
    for await (const session of platform.list()) sessions.push(session);
    const told: HostedSandbox[] = [];
    const pending = sessions[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const { hosted, runId } of pending) {
        if (!hosted) continue;
        const claims = hosted.state === "running" && runId !== undefined;
        const isOver = claims && !(await isRunning(platform, runId));
        told.push(isOver ? { ...hosted, state: "stopped" } : hosted);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return answerFrom(told, path, init);
  }
}

interface Call {
  route: SandboxRoute;
  path: string;
  init: FetchInit;
}

interface Question {
  name: string;
  path: string;
  init: FetchInit;
  creates?: boolean;
  deletes?: boolean;
  /** False: where no run holds the sandbox, none is started for this. */
  wakes?: boolean;
  /** What is thrown when the sandbox was deleted, where it is asked about by a part of it. */
  absent?: SandboxError;
}

/** Whether it was certainly not carried out, or only asks; and what a stream gave cannot be given again. */
function mayBeSentAgain(error: unknown, { method = "GET", body }: FetchInit): boolean {
  if (body instanceof ReadableStream) return false;
  return error instanceof HostGone || (error instanceof RunEnded && method === "GET");
}

async function isRunning(platform: TriggerPlatform, runId: string): Promise<boolean> {
  return (await platform.state(runId)).phase !== "ended";
}

async function answerFrom(
  hosted: readonly HostedSandbox[],
  path: string,
  init: FetchInit,
  forget?: () => Promise<void>,
): Promise<Response> {
  const { dispatcher: _, ...rest } = init;
  const request = new Request(`http://localhost${path.slice(VERCEL_PREFIX.length)}`, rest);
  return recordedFace(hosted, forget && { deleted: forget })(request);
}
