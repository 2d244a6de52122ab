import { MadeOnce } from "../std/made-once.ts";
import { accessToken } from "./access-token.ts";
import type { ApiServer, Guard } from "./api-server.ts";
import { guardFace } from "./face-guard.ts";
import { lastPort, listenAt, listenStably } from "./listen-stably.ts";
import type { ListenAddress } from "./settings.ts";
import { stateFolder } from "./state-folder.ts";

/**
 * The API on a loopback port: to whoever has the state folder's token, or what the face at the path takes in its
 * stead, and comes from no web page. Opened once, by the first who asks.
 */
export class TcpListener implements AsyncDisposable {
  readonly #home: string;
  readonly #serve: (guard: Guard) => ApiServer;
  readonly #opened = new MadeOnce((address: ListenAddress | undefined) => this.#listen(address));

  constructor(options: { home: string; serve: (guard: Guard) => ApiServer }) {
    this.#home = options.home;
    this.#serve = options.serve;
  }

  /**
   * Where it listens. Without an address: on the port that this folder had last, if that is free, else on any, and
   * the next engines of the folder do the same. Throws `engine_unavailable` when the address is taken.
   */
  async open(address?: ListenAddress): Promise<string> {
    return (await this.#opened.get(address)).url;
  }

  /** Whether it listened for somebody when an engine had this folder before. */
  get wasOpen(): boolean {
    return lastPort(stateFolder(this.#home).lastPort) !== 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened.current?.catch(() => undefined);
    await opened?.api[Symbol.asyncDispose]();
  }

  async #listen(address: ListenAddress | undefined): Promise<{ api: ApiServer; url: string }> {
    const folder = stateFolder(this.#home);
    const token = accessToken(folder.token);
    let port = 0;
    const api = this.#serve((request, at) => guardFace(request, at, { port, token }));
    port = address
      ? await listenAt(api.server, address, explainTaken)
      : await listenStably(api.server, folder.lastPort);
    const host = address?.host === "::1" ? "[::1]" : (address?.host ?? "127.0.0.1");
    return { api, url: `http://${host}:${port}` };
  }
}

function explainTaken(reason: string): string {
  return `The daemon cannot listen where SANDLOT_LISTEN says (${reason}). Name another port, or auto.`;
}
