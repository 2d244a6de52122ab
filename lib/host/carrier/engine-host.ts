import type { HostedSandbox } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { type OpenEngine, openEngine } from "../open-engine.ts";
import { embeddedHolder } from "../engine-holder.ts";
import type { Settings } from "../settings.ts";
import { VERCEL_PREFIX } from "../vercel-prefix.ts";
import { CallerDesk } from "./caller-desk.ts";
import { hostedSandbox } from "./hosted-state.ts";

export interface EngineHostOptions {
  /** Its folder is this host's alone. */
  settings: Settings;
  /** The one sandbox that this host is for. */
  name: string;
  /** By which callers address this host, and no other one that reads the same log. */
  address: string;
  /** Writes one record where that caller reads its answers. Never called twice at once for one caller. */
  write: (caller: string, record: string) => Promise<void>;
  /** Told of each change, before whoever asked for it has its answer. */
  changed: (hosted: HostedSandbox) => Promise<void>;
  /** Told when the sandbox was deleted, before whoever asked for it has its answer. */
  deleted: () => Promise<void>;
  /** Called when the sandbox has stopped and nothing else happens in its folder. */
  keep?: (() => Promise<void>) | undefined;
  log: Log;
  /** How long it stays with nothing running and nobody asking. */
  idleMs: number;
  /** How long an engine may still use the folder: the one of a host that died a moment ago. */
  waitMs?: number;
}

/**
 * An engine of one sandbox, asked by records. What is meant for another host, or comes twice, is not
 * carried out. Ending it ends every answer that is under way, and leaves the sandbox alone.
 */
export class EngineHost implements AsyncDisposable {
  readonly #options: EngineHostOptions;
  readonly #open: OpenEngine;
  readonly #desk: CallerDesk;
  readonly #end = Promise.withResolvers<"idle" | "deleted">();
  // What is told last must be what holds; and while the folder is being kept, nobody changes it.
  readonly #turns = new KeyedMutex();
  #told = "";
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: EngineHostOptions, open: OpenEngine) {
    this.#options = options;
    this.#open = open;
    const { address, write, log } = options;
    this.#desk = new CallerDesk({
      address,
      write,
      log,
      handle: (request) => this.#handle(request),
    });
  }

  /** Throws `engine_unavailable` when another engine uses the folder. */
  static async open(options: EngineHostOptions): Promise<EngineHost> {
    const { settings, log, waitMs = 0 } = options;
    const holder = embeddedHolder();
    const host = new EngineHost(options, await openEngine(settings, { log, holder, waitMs }));
    host.#watch();
    return host;
  }

  /** Resolves when there is nothing more to do here: nothing runs and nobody asks, or the sandbox was deleted. */
  get ended(): Promise<"idle" | "deleted"> {
    return this.#end.promise;
  }

  get engine(): OpenEngine["engine"] {
    return this.#open.engine;
  }

  /** Takes one record of the log; what is not a caller's record for this host is passed over. Never throws. */
  receive(record: unknown): void {
    this.#desk.receive(record);
  }

  /** Tells of the sandbox as it is now, if that is not known yet. False when there is none. */
  async tell(): Promise<boolean> {
    return this.#turns.run("", async () => {
      const hosted = await hostedSandbox(this.#open.engine, this.#options.name);
      if (!hosted) return false;
      const text = JSON.stringify(hosted);
      if (text === this.#told) return true;
      if (hosted.state === "stopped") await this.#options.keep?.();
      try {
        await this.#options.changed(hosted);
        this.#told = text;
      } catch (error) {
        // What was asked is done all the same; it is told with the next change, or when the host ends.
        this.#options.log.warn("the sandbox's state could not be told", { reason: String(error) });
      }
      return true;
    });
  }

  /** Stops the sandbox as its owner would: a persistent one gets its snapshot. */
  async stopSandbox(): Promise<void> {
    await this.#open.stopAll();
    await this.tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    const cleanup = new Cleanup();
    cleanup.add(() => this.#open[Symbol.asyncDispose]());
    cleanup.add(() =>
      this.#desk.close(
        new SandboxError(
          "engine_unavailable",
          `The run ${this.#options.address}, which held the sandbox ${this.#options.name}, has ended. Call again: the next call starts another one.`,
        ),
      ),
    );
    await cleanup[Symbol.asyncDispose]();
  }

  async #handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${VERCEL_PREFIX}/`)) {
      throw new SandboxError("not_found", `A sandbox's host answers nothing at ${url.pathname}.`);
    }
    url.pathname = url.pathname.slice(VERCEL_PREFIX.length);
    // Behind whatever is being kept.
    await this.#turns.run("", async () => undefined);
    const response = await this.#open.vercel(new Request(url, request));
    if (request.method === "GET" && url.searchParams.get("resume") !== "true") return response;
    const isThere = await this.tell();
    if (!isThere && request.method !== "GET" && this.#desk.answering <= 1) {
      // It was deleted, or was never made: there is nothing to hold.
      await this.#options.deleted();
      this.#end.resolve("deleted");
    }
    return response;
  }

  /** Ends when nothing ran and nobody asked for a while. What ran out of time meanwhile is told. */
  #watch(): void {
    const { idleMs, log } = this.#options;
    const look = async (): Promise<void> => {
      const busy =
        this.#open.engine.isBusy() || this.#open.shells() > 0 || this.#desk.answering > 0;
      const { quietMs } = this.#desk;
      try {
        if (!busy) await this.tell();
      } catch (error) {
        log.warn("the sandbox could not be kept", { reason: String(error) });
      }
      if (!busy && quietMs >= idleMs) return this.#end.resolve("idle");
      this.#timer = setTimeout(() => void look(), busy ? idleMs : Math.max(1, idleMs - quietMs));
    };
    this.#timer = setTimeout(() => void look(), idleMs);
  }
}
