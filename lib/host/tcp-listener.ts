import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { SandboxError } from "../contract/errors.ts";
import type { Log } from "../engine/ports.ts";
import { accessToken } from "./access-token.ts";
import type { ApiServer } from "./api-server.ts";
import type { MountedAt } from "./face-mounts.ts";
import { type Refusal, refusal } from "./loopback-guard.ts";
import { requestHead } from "./request-head.ts";
import type { ListenAddress } from "./settings.ts";
import { stateFolder } from "./state-folder.ts";

export type Guard = (request: IncomingMessage, at: MountedAt | undefined) => Refusal | undefined;

/**
 * The API on a loopback port: to whoever has the state folder's token, or what the face at the path takes in its
 * stead, and comes from no web page. Opened once, by the first who asks.
 */
export class TcpListener implements AsyncDisposable {
  readonly #home: string;
  readonly #serve: (guard: Guard) => ApiServer;
  #opened: Promise<{ api: ApiServer; url: string }> | undefined;
  /** Whether callers rely on the port who cannot start a daemon: other vendors' clients. */
  isAskedFor = false;

  constructor(options: { home: string; serve: (guard: Guard) => ApiServer }) {
    this.#home = options.home;
    this.#serve = options.serve;
  }

  /**
   * Where it listens. Without an address: on the port that this folder had last, if that is free, else on any, and
   * the next engines of the folder do the same. Throws `engine_unavailable` when the address is taken.
   */
  async open(address?: ListenAddress): Promise<string> {
    const opening = (this.#opened ??= address ? this.#listen(address) : this.#listenAnywhere());
    try {
      const { url } = await opening;
      this.isAskedFor ||= !address;
      return url;
    } catch (error) {
      // The next one who asks may have more luck.
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    }
  }

  /** Listens again where an engine of this folder did when it was asked to: addresses in shells stay good. */
  async reopen(listen: () => Promise<unknown>, log: Log): Promise<void> {
    if (readPort(stateFolder(this.#home).lastPort) === 0) return;
    try {
      await listen();
    } catch (error) {
      // All callers by the Unix socket are served without it.
      log.warn("the TCP port could not be opened again", { reason: String(error) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.api[Symbol.asyncDispose]();
  }

  async #listenAnywhere(): Promise<{ api: ApiServer; url: string }> {
    const { lastPort } = stateFolder(this.#home);
    const port = readPort(lastPort);
    const opened = await this.#listen({ host: "127.0.0.1", port }).catch((error: unknown) => {
      if (port === 0) throw error;
      return this.#listen({ host: "127.0.0.1", port: 0 });
    });
    writeFileSync(lastPort, `${new URL(opened.url).port}\n`, { mode: 0o600 });
    return opened;
  }

  async #listen(address: ListenAddress): Promise<{ api: ApiServer; url: string }> {
    const token = accessToken(stateFolder(this.#home).token);
    const port = () => (api.server.address() as AddressInfo).port;
    const api = this.#serve((request, at) => guardFace(request, at, { port: port(), token }));
    api.server.listen(address);
    try {
      await once(api.server, "listening");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SandboxError(
        "engine_unavailable",
        `The daemon cannot listen where SANDLOT_LISTEN says (${reason}). Name another port, or auto.`,
        { cause: error },
      );
    }
    const host = address.host === "::1" ? "[::1]" : address.host;
    return { api, url: `http://${host}:${port()}` };
  }
}

/** Where a request comes from is looked at for every path; who sends it may be the face's to know. */
export function guardFace(
  request: IncomingMessage,
  at: MountedAt | undefined,
  own: { port: number; token: string },
): Refusal | undefined {
  const key = at?.mount.key;
  const refused = refusal(request.headers, { ...own, ...(key && { key }) });
  if (refused?.status === 401 && at?.mount.face.admits?.(requestHead(request, at)))
    return undefined;
  return refused;
}

// 0, which means any, when there is none yet.
function readPort(file: string): number {
  try {
    const port = Number(readFileSync(file, "utf8"));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
