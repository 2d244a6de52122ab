import { MadeOnce } from "../std/made-once.ts";
import type { FetchInit } from "./native-fetch.ts";
import type { OpenEngine } from "./open-engine.ts";
import { embeddedHolder } from "./engine-holder.ts";
import { mountAt, pathBelow } from "./face-mounts.ts";
import { withoutSqliteWarning } from "./quiet-sqlite.ts";
import type { Settings } from "./settings.ts";
import { makeStateFolder, stateFolder } from "./state-folder.ts";
import { type Transport, withUrl } from "./transport.ts";
import { Wakefulness } from "./wakefulness.ts";

interface Embedded {
  open: OpenEngine;
  host: (request: Request) => Promise<Response>;
}

/**
 * Requests go to an engine in this process, opened by the first one. Nobody would end its sandboxes in
 * time once the process is gone, so they are stopped when the program has nothing more to do.
 */
export class EmbeddedTransport implements Transport {
  readonly kind = "embedded";
  readonly #settings: Settings;
  readonly #embedded = new MadeOnce(() => this.#open());
  readonly #awake = new Wakefulness();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    const response = await this.#awake.during(() => this.#answer(path, init));
    return withUrl(this.#awake.whileRead(response), `http://localhost${path}`);
  }

  describe(): string {
    return `an engine in this process, for ${this.#settings.home}`;
  }

  async close(): Promise<void> {
    process.off("beforeExit", this.#onBeforeExit);
    const opening = this.#embedded.current;
    this.#embedded.forget(opening);
    const embedded = await opening?.catch(() => undefined);
    await embedded?.open[Symbol.asyncDispose]();
  }

  async #answer(path: string, init: FetchInit): Promise<Response> {
    const embedded = await this.#embedded.get();
    const at = mountAt(embedded.open.mounts, path);
    const asked = request(`http://localhost${at ? pathBelow(at.prefix, path) : path}`, init);
    return at ? (await at.mount.load()).fetch(asked) : embedded.host(asked);
  }

  async #open(): Promise<Embedded> {
    // Programs that use a daemon never need all of this.
    const [{ openEngine }, { hostApi }, { fileLog }] = await Promise.all([
      withoutSqliteWarning(() => import("./open-engine.ts")),
      import("./host-api.ts"),
      import("./log-file.ts"),
    ]);
    const { home, logLevel } = this.#settings;
    const holder = embeddedHolder();
    makeStateFolder(home);
    const log = fileLog(stateFolder(home).log, logLevel);
    const open = await openEngine(this.#settings, { log, holder });
    process.once("beforeExit", this.#onBeforeExit);
    const host = hostApi({ open, holder, home, requests: () => this.#awake.waiting });
    return { open, host };
  }

  readonly #onBeforeExit = () => void this.#stopAndClose();

  /** Never rejects: the program is at its end. */
  async #stopAndClose(): Promise<void> {
    try {
      const embedded = await this.#embedded.current;
      await embedded?.open.stopAll();
      await this.close();
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), "SandlotWarning");
    }
  }
}

// The dispatcher that callers name is for connections, and there is none.
function request(url: string, { dispatcher: _, ...init }: FetchInit): Request {
  return new Request(url, {
    ...init,
    ...(init.body instanceof ReadableStream && { duplex: "half" }),
  });
}
