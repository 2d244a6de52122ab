import type { IncomingMessage } from "node:http";
import { accessToken } from "./access-token.ts";
import type { ApiServer } from "./api-server.ts";
import type { FaceAt } from "./face-mounts.ts";
import { lastPort, listenAt, listenStably, portOf } from "./listen-stably.ts";
import { type Refusal, refusal } from "./loopback-guard.ts";
import { requestHead } from "./request-head.ts";
import type { ListenAddress } from "./settings.ts";
import { stateFolder } from "./state-folder.ts";

export type Guard = (request: IncomingMessage, at: FaceAt | undefined) => Refusal | undefined;

/**
 * The API on a loopback port: to whoever has the state folder's token, or what the face at the path takes in its
 * stead, and comes from no web page. Opened once, by the first who asks.
 */
export class TcpListener implements AsyncDisposable {
  readonly #home: string;
  readonly #serve: (guard: Guard) => ApiServer;
  #opened: Promise<{ api: ApiServer; url: string }> | undefined;

  constructor(options: { home: string; serve: (guard: Guard) => ApiServer }) {
    this.#home = options.home;
    this.#serve = options.serve;
  }

  /**
   * Where it listens. Without an address: on the port that this folder had last, if that is free, else on any, and
   * the next engines of the folder do the same. Throws `engine_unavailable` when the address is taken.
   */
  async open(address?: ListenAddress): Promise<string> {
    const opening = (this.#opened ??= this.#listen(address));
    try {
      return (await opening).url;
    } catch (error) {
      // The next one who asks may have more luck.
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    }
  }

  /** Whether it listened for somebody when an engine had this folder before. */
  get wasOpen(): boolean {
    return lastPort(stateFolder(this.#home).lastPort) !== 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.api[Symbol.asyncDispose]();
  }

  async #listen(address: ListenAddress | undefined): Promise<{ api: ApiServer; url: string }> {
    const folder = stateFolder(this.#home);
    const token = accessToken(folder.token);
    const api = this.#serve((request, at) =>
      guardFace(request, at, { port: portOf(api.server), token }),
    );
    if (address) await listenAt(api.server, address);
    else await listenStably(api.server, folder.lastPort);
    const host = address?.host === "::1" ? "[::1]" : (address?.host ?? "127.0.0.1");
    return { api, url: `http://${host}:${portOf(api.server)}` };
  }
}

/** Where a request comes from is looked at for every path; who sends it may be the face's to know. */
function guardFace(
  request: IncomingMessage,
  at: FaceAt | undefined,
  own: { port: number; token: string },
): Refusal | undefined {
  const key = at?.mount.key;
  const refused = refusal(request.headers, { ...own, ...(key && { key }) });
  if (refused?.status === 401 && at?.face.admits?.(requestHead(request, at))) return undefined;
  return refused;
}
