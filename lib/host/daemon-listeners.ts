import type { Log } from "../engine/ports.ts";
import type { Serve } from "./api-server.ts";
import type { FaceMount } from "./face-mounts.ts";
import type { ListenAnswer } from "./host-answers.ts";
import { NamesListener } from "./names/names-listener.ts";
import type { Settings } from "./settings.ts";
import { TcpListener } from "./tcp-listener.ts";

interface ListenersOptions {
  settings: Settings;
  mounts: readonly FaceMount[];
  serve: Serve;
  log: Log;
  /** Told where the API is on a TCP port. */
  opened: (url: string) => void;
}

/** The ways into a daemon besides its Unix socket: those that the settings name, and those that somebody asked for. */
export class DaemonListeners implements AsyncDisposable {
  readonly #options: ListenersOptions;
  readonly #tcp: TcpListener;
  readonly #names: NamesListener;
  #isAskedFor = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
    const { settings, mounts, serve } = options;
    const { home } = settings;
    this.#tcp = new TcpListener({ home, serve: (guard) => serve({ mounts, guard }) });
    const mount = mounts.find(({ name }) => name === "e2b")!;
    this.#names = new NamesListener({ home, mount, serve });
  }

  /** Whether callers rely on a port who cannot start a daemon: other vendors' clients. */
  get isAskedFor(): boolean {
    return this.#isAskedFor;
  }

  /**
   * Opens what the settings name, else what an engine of this folder had opened for somebody: addresses that
   * programs were given stay good. Throws `engine_unavailable` when the settings' address is taken.
   */
  async start(): Promise<void> {
    const { settings, log, opened } = this.#options;
    if (settings.listen) opened(await this.#tcp.open(settings.listen));
    try {
      if (this.#tcp.wasOpen && !settings.listen) await this.listen({ names: false });
      if (this.#names.wasOpen) {
        await this.#names.open();
        this.#isAskedFor = true;
      }
    } catch (error) {
      // All callers by the Unix socket are served without them.
      log.warn("a port of before could not be opened again", { reason: String(error) });
    }
  }

  /** Makes sure that the API is on a TCP port, and with `names` at names, too. */
  async listen({ names }: { names: boolean }): Promise<ListenAnswer> {
    const url = await this.#tcp.open();
    this.#isAskedFor = true;
    this.#options.opened(url);
    return { url, ...(names && { names: await this.#names.open() }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#names[Symbol.asyncDispose]();
    await this.#tcp[Symbol.asyncDispose]();
  }
}
