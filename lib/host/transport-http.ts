import { Agent } from "undici";
import { SandboxError } from "../contract/errors.ts";
import { MadeOnce } from "../std/made-once.ts";
import { messageOf } from "../std/message-of.ts";
import { VersionAnswer } from "./host-answers.ts";
import { type FetchInit, nativeFetch } from "./native-fetch.ts";
import { packageVersion, PROTOCOL } from "./package-version.ts";
import type { Transport } from "./transport.ts";

/** Requests go to an engine at a URL. */
export class HttpTransport implements Transport {
  readonly kind = "http";
  readonly #url: string;
  readonly #token: string | undefined;
  // Commands are silent for as long as they like.
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  readonly #checked = new MadeOnce(() => this.#check());

  constructor({ url, token }: { url: string; token?: string }) {
    this.#url = url;
    this.#token = token;
  }

  async fetch(path: string, init: FetchInit = {}): Promise<Response> {
    await this.#checked.get();
    return this.#send(path, init);
  }

  describe(): string {
    return `the engine at ${this.#url}`;
  }

  async close(): Promise<void> {
    this.#checked.forget(this.#checked.current);
  }

  async #send(path: string, init: FetchInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token === undefined) headers.delete("authorization");
    else headers.set("authorization", `Bearer ${this.#token}`);
    return nativeFetch(`${this.#url}${path}`, { ...init, headers, dispatcher: this.#agent });
  }

  /** Before anything else is said: whether this is an engine, and one that is understood. */
  async #check(): Promise<void> {
    const response = await this.#ask();
    if (response.status === 401) {
      throw new SandboxError(
        "unauthorized",
        `${this.describe()} asks for a token. Put what its file \`token\` holds into SANDLOT_TOKEN.`,
      );
    }
    const answer = VersionAnswer.safeParse(await response.json().catch(() => undefined));
    if (!answer.success)
      throw this.#unavailable(`it does not answer as Sandlot does (status ${response.status})`);
    const { version, protocol } = answer.data;
    if (protocol !== PROTOCOL) {
      throw this.#unavailable(
        `it is version ${version} (protocol ${protocol}), this is ${packageVersion()} (protocol ${PROTOCOL})`,
      );
    }
  }

  async #ask(): Promise<Response> {
    try {
      return await this.#send("/sandlot/version", {});
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      throw this.#unavailable(messageOf(cause), error);
    }
  }

  #unavailable(reason: string, cause?: unknown): SandboxError {
    return new SandboxError(
      "engine_unavailable",
      `${this.describe()} cannot be used: ${reason}. SANDLOT_ENGINE names it.`,
      { cause },
    );
  }
}
