import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../../engine/secrets/egress-secret.ts";
import { Cleanup } from "../../../../std/cleanup.ts";
import type { Limiter, ReservedLimits } from "../limits/limiter.ts";
import { asNamespaceRoot, type IdMap } from "../machine/id-map.ts";
import type { NetworkOwner } from "../network/gateway/gateway-messages.ts";
import type { Networks } from "../network/networks.ts";
import type { SessionNetwork } from "../network/session-network.ts";
import { type Cradle, makeCradle } from "./cradle.ts";
import type { StandingSession } from "./raise-session.ts";
import { fits, type SessionShape } from "./session-shape.ts";

/** A session on an empty folder of its own. */
export interface StandingRoot {
  shape: SessionShape;
  folder: string;
  session: StandingSession;
}

export interface GroundsOptions {
  ids: IdMap;
  networks: Networks;
  limiter: Limiter;
  /** Puts a session together that stands on what is the same for all, in a folder of its own. */
  raise(
    cradle: Cradle,
    options: { shape: SessionShape; reserved: ReservedLimits },
  ): Promise<StandingRoot>;
  /** Deletes the folder of one that nobody took. */
  discard(folder: string): Promise<void>;
}

/** Everything that a session needs and that needs no session. */
interface Ground {
  cradle: Cradle;
  reserved: ReservedLimits;
  /** Denies everything to everybody until it has an owner. */
  network: Promise<SessionNetwork>;
  /** Absent when it could not be put together: whoever asks for a session will be told why. */
  standing: StandingRoot | undefined;
}

/** The ground of a session of one's own. What is not kept of it ends with it. */
export class TakenGround implements AsyncDisposable {
  readonly cradle: Cradle;
  readonly reserved: ReservedLimits;
  /** With the owner's policy. */
  readonly network: Promise<SessionNetwork>;
  /** Of the shape that was asked for. */
  readonly standing: StandingRoot | undefined;
  readonly #ground: Ground;
  readonly #discard: GroundsOptions["discard"];
  readonly #kept = { reserved: false, standing: false, network: false };

  constructor(options: {
    ground: Ground;
    network: Promise<SessionNetwork>;
    shape: SessionShape | undefined;
    discard: GroundsOptions["discard"];
  }) {
    const { ground, shape } = options;
    const { standing } = ground;
    this.#ground = ground;
    this.#discard = options.discard;
    this.network = options.network;
    this.cradle = ground.cradle;
    this.reserved = ground.reserved;
    if (standing && shape && fits(standing.shape, shape)) this.standing = standing;
  }

  /** Somebody else ends it from now on. */
  keep(part: "reserved" | "standing" | "network"): void {
    this.#kept[part] = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { cradle, standing, reserved } = this.#ground;
    await using parts = new Cleanup();
    if (!this.#kept.reserved) parts.add(() => reserved.remove());
    if (!this.#kept.network) parts.add(() => endNetwork(this.network));
    if (standing && !this.#kept.standing) {
      parts.add(() => this.#discard(standing.folder));
      parts.add(() => standing.session[Symbol.dispose]());
    }
    parts.add(() => cradle[Symbol.dispose]());
  }
}

/**
 * Sessions that are yet to come, with their networks. Almost all that a session takes is the same for each of
 * a shape: one is kept ready, in the shape of the last that was asked for, made after that was taken. It ends
 * with this process, or with `close`.
 */
export class Grounds {
  readonly #options: GroundsOptions;
  #ready: Promise<Ground> | undefined;
  #closed = false;

  constructor(options: GroundsOptions) {
    this.#options = options;
  }

  /** Keeps one ready from now on. */
  prepare(shape: SessionShape): void {
    if (this.#closed || this.#ready) return;
    const ready = this.#make(shape);
    this.#ready = ready;
    const forget = () => {
      if (this.#ready !== ready) return;
      this.#ready = undefined;
      void this.#end(ready);
    };
    ready.then(({ cradle, network, standing }) => {
      network.catch(forget); // The next session makes its own, and is told.
      cradle.onEnd(forget);
      standing?.session.onEnd(forget);
    }, forget);
  }

  /** With a session that stands only if a shape is given. */
  async take(request: {
    owner: NetworkOwner;
    policy: NetworkPolicy;
    secrets: readonly EgressSecret[];
    shape: SessionShape | undefined;
  }): Promise<TakenGround> {
    const { owner, policy, secrets, shape } = request;
    const ready = this.#ready;
    this.#ready = undefined;
    const ground = await (ready ?? this.#make(shape));
    const network = ground.network.then(async (opened) => {
      try {
        await opened.apply(policy, { owner, secrets });
        return opened;
      } catch (error) {
        await opened[Symbol.asyncDispose]();
        throw error;
      }
    });
    network.catch(() => undefined); // Whoever took it awaits it, perhaps after something else has failed.
    return new TakenGround({ ground, network, shape, discard: this.#options.discard });
  }

  close(): void {
    this.#closed = true;
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready) void this.#end(ready);
  }

  /** Never rejects. */
  async #end(ready: Promise<Ground>): Promise<void> {
    try {
      const ground = await ready;
      const { discard } = this.#options;
      const { network } = ground;
      await new TakenGround({ ground, network, shape: undefined, discard })[Symbol.asyncDispose]();
    } catch {
      // What it was part of has ended, or it was never made; whatever is left is swept away by the next engine.
    }
  }

  async #make(shape: SessionShape | undefined): Promise<Ground> {
    const { ids, networks, limiter, raise } = this.#options;
    const cradle = await makeCradle(ids);
    const network = networks.open({
      pid: cradle.pid,
      enterArguments: asNamespaceRoot(ids),
      policy: { mode: "deny-all" },
    });
    network.catch(() => undefined); // As above.
    try {
      const reserved = limiter.reserve();
      const standing = shape && (await raise(cradle, { shape, reserved }).catch(() => undefined));
      return { cradle, reserved, network, standing };
    } catch (error) {
      cradle[Symbol.dispose]();
      await endNetwork(network);
      throw error;
    }
  }
}

async function endNetwork(network: Promise<SessionNetwork>): Promise<void> {
  const opened = await network.catch(() => undefined); // One that could not be opened has left nothing.
  await opened?.[Symbol.asyncDispose]();
}
