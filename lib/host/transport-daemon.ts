import { existsSync } from "node:fs";
import { Agent } from "undici";
import { SandboxError } from "../contract/errors.ts";
import { abortable } from "../std/abortable.ts";
import { MadeOnce } from "../std/made-once.ts";
import { askVersion } from "./ask-daemon.ts";
import type { Ready } from "./daemon.ts";
import { ENDING_HEADER } from "./host-answers.ts";
import { type FetchInit, nativeFetch } from "./native-fetch.ts";
import { packageVersion, PROTOCOL } from "./package-version.ts";
import type { Settings } from "./settings.ts";
import { startDaemon } from "./start-daemon.ts";
import { besideFolder, socketPath } from "./state-folder.ts";
import type { Transport } from "./transport.ts";

interface Connection {
  socketPath: string;
  agent: Agent;
}

/** Requests go to the background process of this user and state folder, which the first one starts. */
export class DaemonTransport implements Transport {
  readonly kind = "daemon";
  readonly #settings: Settings;
  readonly #connection = new MadeOnce(() => connect(this.#settings));

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    const connecting = this.#connection.get();
    const { agent } = await abortable(connecting, init.signal ?? undefined);
    const lost = await this.#send(agent, path, init);
    if (lost instanceof Response) return lost;
    // The daemon had ended, or died. Another one is started and asked.
    this.#connection.forget(connecting);
    if (!isReplayable(init.body)) throw lost;
    const again = await abortable(this.#connection.get(), init.signal ?? undefined);
    const response = await this.#send(again.agent, path, init);
    if (response instanceof Response) return response;
    throw response;
  }

  describe(): string {
    return `the daemon for ${this.#settings.home}`;
  }

  async close(): Promise<void> {
    const connecting = this.#connection.current;
    this.#connection.forget(connecting);
    const connection = await connecting?.catch(() => undefined);
    await connection?.agent.destroy();
  }

  /** The answer, or the error for a request that may be sent again. Throws every other error. */
  async #send(agent: Agent, path: string, init: FetchInit): Promise<Response | Error> {
    try {
      const url = `http://localhost${path}`;
      const response = await nativeFetch(url, { ...init, dispatcher: agent });
      if (response.status !== 503 || !response.headers.has(ENDING_HEADER)) return response;
      await response.body?.cancel();
      return new SandboxError("engine_unavailable", `${this.describe()} is ending. Call again.`);
    } catch (error) {
      if (error instanceof Error && mayBeSentAgain(error.cause, init.method ?? "GET")) return error;
      throw error;
    }
  }
}

async function connect(settings: Settings): Promise<Connection> {
  const found: Ready = (await findDaemon(settings)) ?? (await startDaemon(settings));
  if (found.notice !== undefined) {
    process.emitWarning(found.notice, { type: "SandlotWarning", code: "SANDLOT_OTHER_VERSION" });
  }
  await checkIsolation(settings, found.socketPath);
  const agent = new Agent({
    connect: { socketPath: found.socketPath },
    // Commands are silent for as long as they like.
    headersTimeout: 0,
    bodyTimeout: 0,
    // A little less than the daemon's, so that no request meets a closing door.
    keepAliveTimeout: 50_000,
  });
  return { socketPath: found.socketPath, agent };
}

/** A daemon of this version that takes calls, if there is one: the folder's own, or one beside it. */
async function findDaemon(settings: Settings): Promise<Ready | undefined> {
  const own = { version: packageVersion(), protocol: PROTOCOL };
  const beside = besideFolder(settings.home, own.version);
  for (const home of [settings.home, ...(existsSync(beside) ? [beside] : [])]) {
    const path = socketPath(home, own);
    const found = await askVersion(path);
    if (!found) continue;
    if (found.version === own.version && found.protocol === own.protocol)
      return { socketPath: path };
    throw new SandboxError(
      "engine_unavailable",
      `At ${path} answers Sandlot ${found.version} (protocol ${found.protocol}), but this is ${own.version} (protocol ${own.protocol}). End process ${found.pid} and call again.`,
    );
  }
  return undefined;
}

/** A daemon that others started may keep commands apart less than this program asks for. */
async function checkIsolation(settings: Settings, path: string): Promise<void> {
  if (settings.isolation === "auto") return;
  const found = await askVersion(path);
  if (!found || found.isolation === settings.isolation) return;
  throw new SandboxError(
    "isolation_unavailable",
    `SANDLOT_ISOLATION=${settings.isolation} was asked for, but the daemon that runs for ${settings.home} uses ${found.isolation}. Stop it with \`sandlot daemon stop\`, or set another SANDLOT_HOME.`,
  );
}

/**
 * Whether a request that got no answer may go to the next daemon. One that could not connect has done
 * nothing. One whose connection broke may have been carried out, so only a question is asked twice; the
 * vendor's SDK repeats the rest by its own rules.
 */
function mayBeSentAgain(cause: unknown, method: string): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ECONNREFUSED") return true;
  const broke = code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
  return broke && (method === "GET" || method === "HEAD");
}

function isReplayable(body: FetchInit["body"]): boolean {
  return !(body instanceof ReadableStream);
}
