import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import {
  daemonStatus,
  readSettings,
  type Settings,
  sharedTransport,
  stopDaemon,
} from "sandlot/host";
import { afterAll, beforeAll, describe } from "vitest";
import { ISOLATION } from "./isolation.ts";
import { cloudVariables, OVER_CLOUD } from "./over-cloud.ts";
import { OVER_TRIGGER, platformVariables } from "./over-trigger.ts";

const LOCAL = ["embedded", "daemon"] as const;
/** One of them alone, or both where neither is named. */
const ASKED = process.env["SANDLOT_CONFORMANCE"];
/** Over `trigger` and over a cloud the same tests take much longer, and need another set-up: they are projects of their own. */
export const TRANSPORTS: readonly Connection["transport"][] = OVER_TRIGGER
  ? ["trigger"]
  : OVER_CLOUD
    ? [OVER_CLOUD]
    : ASKED === "embedded" || ASKED === "daemon"
      ? [ASKED]
      : LOCAL;

type CreateParameters = NonNullable<Parameters<typeof Sandbox.create>[0]>;

/** A command as the API lists it; the SDK has no method for that. */
interface ListedCommand {
  id: string;
  name: string;
  exitCode: number | null;
}

/** An engine with a state folder of its own, to which the library's classes go meanwhile. */
export interface Connection {
  readonly transport: (typeof LOCAL)[number] | "trigger" | "e2b" | "daytona";
  readonly home: string;
  readonly settings: Settings;
  /** A sandbox that is deleted, with its snapshots, when it is disposed of. */
  create(parameters?: CreateParameters): Promise<Sandbox & AsyncDisposable>;
  /** One call of the vendor's API as it is, such as `/v2/sandboxes`. */
  call(path: string, init?: RequestInit): Promise<Response>;
  /** The same, with a JSON body. */
  post(path: string, body: unknown): Promise<Response>;
  commandsOf(sandbox: Sandbox): Promise<ListedCommand[]>;
}

/** Declares the same tests for each transport, each with an engine that is gone at the end, with all that it held. */
export function forEachTransport(declare: (connection: () => Connection) => void): void {
  for (const transport of TRANSPORTS) {
    describe(`${transport}:`, () => {
      let open: (Connection & AsyncDisposable) | undefined;
      beforeAll(async () => {
        open = await connect(transport);
      });
      afterAll(async () => {
        await open?.[Symbol.asyncDispose]();
      });
      declare(() => {
        if (!open)
          throw new Error("the engine is there while tests run, not while they are declared");
        return open;
      });
    });
  }
}

/**
 * Points the library at a fresh state folder, or at the one in the given environment, until it is
 * disposed of. One at a time in a process.
 */
export async function connect(
  transport: Connection["transport"],
  environment: Record<string, string> = {},
): Promise<Connection & AsyncDisposable> {
  const given = environment["SANDLOT_HOME"];
  const home = given ?? (await mkdtemp(join(tmpdir(), "sandlot-conformance-")));
  const restore = setEnvironment({
    ...platformVariables(),
    ...cloudVariables(),
    ...environment,
    SANDLOT_HOME: home,
    SANDLOT_ENGINE: transport,
    SANDLOT_ISOLATION: ISOLATION,
  });
  const settings = readSettings();
  const call: Connection["call"] = (path, init = {}) =>
    sharedTransport(settings).fetch(
      `/vercel${path}`,
      init as Parameters<ReturnType<typeof sharedTransport>["fetch"]>[1],
    );
  return {
    transport,
    home,
    settings,
    call,
    create: async (parameters = {}) => deleting(await Sandbox.create(parameters)),
    post: (path, body) =>
      call(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    async commandsOf(sandbox) {
      const { sessionId } = sandbox.currentSession();
      const response = await call(`/v2/sandboxes/sessions/${sessionId}/cmd?sortOrder=asc`);
      const { commands } = (await response.json()) as { commands: ListedCommand[] };
      return commands;
    },
    async [Symbol.asyncDispose]() {
      await deleteEverything();
      await sharedTransport(settings).close();
      const isLocal = LOCAL.some((each) => each === transport);
      if (isLocal) await stopDaemon(settings, { stopSandboxes: true });
      // A folder that the test made is the test's to delete.
      if (given === undefined) await rm(home, { recursive: true, force: true, maxRetries: 5 });
      restore();
    },
  };
}

/** The process that serves a daemon's state folder. */
export async function daemonPid(settings: Settings): Promise<number> {
  const status = await daemonStatus(settings);
  if (!status) throw new Error(`no daemon runs for ${settings.home}`);
  return status.pid;
}

/** The same sandbox, which `await using` deletes instead of stopping it. */
export function deleting(sandbox: Sandbox): Sandbox & AsyncDisposable {
  return Object.assign(sandbox, {
    async [Symbol.asyncDispose]() {
      await sandbox.delete({ deleteOrphanSnapshots: true }).catch(unlessGone);
    },
  });
}

/** The error by which a promise rejects. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { response?: Response; json?: { error: { code: string; message: string } } }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error(`it did not fail, but gave ${JSON.stringify(value)}`);
}

async function deleteEverything(): Promise<void> {
  const listed = await Sandbox.list({ limit: 100 });
  for (const { name } of await listed.toArray()) {
    const sandbox = await Sandbox.get({ name });
    await sandbox.delete({ deleteOrphanSnapshots: true }).catch(unlessGone);
  }
}

function unlessGone(error: unknown): void {
  if (error instanceof Error && "response" in error) {
    const { response } = error;
    if (response instanceof Response && response.status === 404) return;
  }
  throw error;
}

/** Sets variables of this process; what it gives puts back what there was. */
export function setEnvironment(variables: Record<string, string>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
