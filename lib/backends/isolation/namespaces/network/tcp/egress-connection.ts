import { isIP, type Socket } from "node:net";
import { join } from "../../../port-forwarder.ts";
import { plainAddress } from "../policy/address-set.ts";
import { HOST_ADDRESS, HOST_NAME } from "../router/link-addresses.ts";
import { openingOf } from "../router/port-table.ts";
import type { Asked } from "./asked.ts";
import { firstWords, type FirstWords } from "./first-words.ts";
import type { Outside } from "./outside.ts";

/** A client that wants nothing but to be connected says so in this time. */
const PATIENCE_MS = 10_000;

/**
 * One connection out of a sandbox. What the policy says of its address, or of the name that it asks for, is
 * known before anything outside is dialled; what it does not allow is reset.
 */
export class EgressConnection {
  readonly #client: Socket;
  readonly #outside: Outside;
  readonly #asked: Asked;
  #byRulesOf: string | undefined;
  #rawTo: string | undefined;
  #upstream: Socket | undefined;

  constructor(client: Socket, outside: Outside) {
    this.#client = client;
    this.#outside = outside;
    this.#asked = {
      address: plainAddress(client.localAddress ?? ""),
      port: client.localPort ?? 0,
    };
    client.allowHalfOpen = true;
    client.setNoDelay(true);
    client.on("error", () => undefined); // `close` follows.
  }

  /** Resets what the policy does not allow any more (`cut` outside), or would treat in another way. */
  review(cut: ReadonlySet<Socket>): void {
    const { policy } = this.#outside;
    if (this.#upstream && cut.has(this.#upstream)) this.#refuse();
    if (this.#byRulesOf !== undefined && !policy.domain(this.#byRulesOf)) this.#refuse();
    if (this.#rawTo === undefined) return;
    const verdict = policy.domain(this.#rawTo);
    if (!verdict || verdict.isInspected) this.#refuse();
  }

  /** Returns when the connection is joined, handed on or refused. Never rejects. */
  async serve(): Promise<void> {
    const { policy } = this.#outside;
    const { address, port } = this.#asked;
    switch (policy.address(address)) {
      case "shut":
        return this.#refuse();
      case "open":
        return this.#join(await this.#outside.dialAddress(this.#asked));
      case "by-name":
        break;
    }
    if (!policy.hasDomains) return this.#refuse();
    const fallback = this.#fallback();
    switch (openingOf(port)) {
      case "greeting":
        return fallback ? this.#join(await fallback()) : this.#refuse();
      case "web": {
        const words = await firstWords(this.#client, AbortSignal.timeout(PATIENCE_MS));
        return words ? this.#answer(words, fallback) : this.#refuse();
      }
      case "any":
        return this.#serveEither(fallback);
    }
  }

  /** What to do with a client that names no host: go by the name that its address was given for. */
  #fallback(): (() => Promise<Socket | undefined>) | undefined {
    const { policy } = this.#outside;
    const { address } = this.#asked;
    const isHost = address === HOST_ADDRESS;
    const names = isHost ? [HOST_NAME] : this.#outside.memory.namesOf(address);
    const name = names.find((known) => policy.domain(known)?.isInspected === false);
    if (name !== undefined) return () => this.#dialRaw(name);
    if (policy.admits(address)) return () => this.#outside.dialAddress(this.#asked);
    return undefined;
  }

  // Nobody knows who speaks first, so the allowed name is dialled at once and whoever speaks decides.
  async #serveEither(fallback: (() => Promise<Socket | undefined>) | undefined): Promise<void> {
    const greeted = new AbortController();
    const early = fallback?.();
    void early?.then((socket) => {
      if (!socket) greeted.abort();
      socket?.once("readable", () => greeted.abort());
      socket?.once("close", () => greeted.abort());
    });
    const until = AbortSignal.any([greeted.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const words = await firstWords(this.#client, until);
    if (words) return this.#answer(words, early ? () => early : undefined);
    return early ? this.#join(await early) : this.#refuse();
  }

  async #answer(
    words: FirstWords,
    fallback: (() => Promise<Socket | undefined>) | undefined,
  ): Promise<void> {
    const name = nameIn(words);
    const rawBefore = this.#rawTo;
    // A host that is written as an address is none of the names that may lead there.
    const { policy } = this.#outside;
    const { address } = this.#asked;
    const isNameless = name === undefined || (isIP(name) !== 0 && policy.admits(address));
    if (isNameless) return fallback ? this.#join(await fallback()) : this.#refuse();
    const verdict = policy.domain(name);
    if (verdict && !verdict.isInspected && rawBefore === name && fallback) {
      return this.#join(await fallback());
    }
    // What was dialled for another name is not needed.
    if (rawBefore !== undefined) void fallback?.().then((socket) => socket?.destroy());
    if (!verdict) {
      // Its address may be allowed by itself, whatever is asked for there.
      const isByAddress = policy.admits(address) && !policy.refuses(name);
      this.#rawTo = undefined;
      return isByAddress
        ? this.#join(await this.#outside.dialAddress(this.#asked))
        : this.#refuse();
    }
    if (!verdict.isInspected) return this.#join(await this.#dialRaw(name));
    this.#rawTo = undefined;
    this.#byRulesOf = name;
    const scheme = words.protocol === "tls" ? "https" : "http";
    await this.#outside.rules.accept(this.#client, { scheme, name, asked: this.#asked });
  }

  #dialRaw(name: string): Promise<Socket | undefined> {
    this.#rawTo = name;
    return this.#outside.dialName(name, this.#asked);
  }

  #join(upstream: Socket | undefined): void {
    if (!upstream || this.#client.destroyed) {
      upstream?.destroy();
      return this.#refuse();
    }
    this.#upstream = upstream;
    for (const [from, to] of [
      [upstream, this.#client],
      [this.#client, upstream],
    ] as const) {
      // A connection that broke must not look like one that ended well; what has arrived goes first.
      from.on("error", () => {
        if (to.writableLength === 0) to.resetAndDestroy();
      });
    }
    join(this.#client, upstream);
  }

  #refuse(): void {
    this.#client.resetAndDestroy();
  }
}

function nameIn(words: FirstWords): string | undefined {
  switch (words.protocol) {
    case "tls":
      return words.serverName?.toLowerCase().replace(/\.$/, "");
    case "http":
      return words.host;
    case "other":
      return undefined;
  }
}
