import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import { asNamespaceRoot, type IdMap } from "../machine/id-map.ts";
import type { NetworkOwner } from "../network/gateway/gateway-messages.ts";
import type { Networks } from "../network/networks.ts";
import type { SessionNetwork } from "../network/session-network.ts";
import { type Cradle, makeCradle } from "./start-session.ts";

/** A user and a network namespace, and the network of it on its way. */
interface Ground {
  cradle: Cradle;
  /** Denies everything to everybody until it has an owner. */
  network: Promise<SessionNetwork>;
}

/** The ground of a session of one's own. The cradle is the caller's to dispose of. */
export interface TakenGround {
  cradle: Cradle;
  /** With the owner's policy. */
  network: Promise<SessionNetwork>;
}

/**
 * Namespaces and networks for sessions that are yet to come. Connecting a network
 * takes longer than all else that a session needs: one is kept ready, made after
 * the last was taken. It ends with this process, or with `close`.
 */
export class Grounds {
  readonly #ids: IdMap;
  readonly #networks: Networks;
  #ready: Promise<Ground> | undefined;
  #closed = false;

  constructor({ ids, networks }: { ids: IdMap; networks: Networks }) {
    this.#ids = ids;
    this.#networks = networks;
  }

  /** Keeps one ready from now on. */
  prepare(): void {
    if (this.#closed || this.#ready) return;
    const ready = this.#make();
    this.#ready = ready;
    ready.then(
      ({ cradle, network }) => {
        const forget = () => {
          if (this.#ready === ready) this.#ready = undefined;
        };
        network.catch(forget); // The next session makes its own, and is told.
        cradle.onEnd(forget);
      },
      () => {
        if (this.#ready === ready) this.#ready = undefined;
      },
    );
  }

  async take(owner: NetworkOwner, policy: NetworkPolicy): Promise<TakenGround> {
    const ready = this.#ready;
    this.#ready = undefined;
    const ground = await (ready ?? this.#make());
    const network = ground.network.then(async (opened) => {
      try {
        await opened.apply(policy, owner);
        return opened;
      } catch (error) {
        await opened[Symbol.asyncDispose]();
        throw error;
      }
    });
    network.catch(() => undefined); // Whoever took it awaits it, perhaps after something else has failed.
    return { cradle: ground.cradle, network };
  }

  close(): void {
    this.#closed = true;
    const ready = this.#ready;
    this.#ready = undefined;
    void ready
      ?.then(
        async ({ cradle, network }) => {
          cradle[Symbol.dispose]();
          await (await network)[Symbol.asyncDispose]();
        },
        () => undefined,
      )
      .catch(() => undefined); // What it was part of has ended.
  }

  async #make(): Promise<Ground> {
    const cradle = await makeCradle(this.#ids);
    const network = this.#networks.open({
      pid: cradle.pid,
      enterArguments: asNamespaceRoot(this.#ids),
      policy: { mode: "deny-all" },
    });
    network.catch(() => undefined); // As above.
    return { cradle, network };
  }
}
