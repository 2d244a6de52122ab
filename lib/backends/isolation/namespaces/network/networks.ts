import { randomUUID } from "node:crypto";
import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../../engine/secrets/egress-secret.ts";
import type { Log } from "../../../../engine/ports.ts";
import { messageOf } from "../../../../std/message-of.ts";
import type { Traffic } from "./gateway/gateway-messages.ts";
import type {
  GatewayCall,
  GatewaySettings,
  NetworkOwner,
  SessionRequest,
} from "./gateway/gateway-messages.ts";
import { GatewayProcess } from "./gateway/gateway-process.ts";
import { SessionPlace } from "./session-place.ts";
import { savedAuthorityPem } from "./http/authority-file.ts";
import { type SessionNetwork, sessionNetwork } from "./session-network.ts";

/** Of one engine. One gateway process serves them all. */
export interface Networks extends AsyncDisposable {
  /**
   * Connects a session's network namespace, which may have been connected before, by an earlier engine.
   * Throws `isolation_unavailable` when this machine does not let it.
   */
  open(request: {
    /** Absent for one that waits for a session: it is given away by `SessionNetwork.apply`. */
    owner?: NetworkOwner;
    /**
     * A process in the session's user namespace and network namespace, by its number on the host. It may end as
     * soon as this has returned.
     */
    pid: number;
    /** How `nsenter` becomes id 0 of the user namespace. */
    enterArguments: readonly string[];
    policy: NetworkPolicy;
    secrets?: readonly EgressSecret[];
  }): Promise<SessionNetwork>;
  /**
   * The certificate of the authority that vouches for domains whose traffic rules look into: to be added to what
   * sandboxes trust, and to nothing else.
   */
  authorityPem(): Promise<string>;
  /** Starts what the first `open` would wait for. */
  warmUp(): void;
}

export interface NetworksOptions extends GatewaySettings {
  /** The variables of the processes that are started: PATH, and where the machine keeps its certificates. */
  env: Readonly<Record<string, string>>;
  log?: Log;
}

/** A gateway that ends this often does so by its own fault, and would again. */
const REVIVALS_PER_MINUTE = 5;
const MINUTE_MS = 60_000;
const NOTHING: Traffic = { ingressBytes: 0, egressBytes: 0 };

export function networks(options: NetworksOptions): Networks {
  return new EngineNetworks(options);
}

class EngineNetworks implements Networks {
  readonly #env: Readonly<Record<string, string>>;
  readonly #settings: GatewaySettings;
  readonly #log: Log | undefined;
  readonly #sessions = new Map<string, SessionRequest>();
  #gateway: GatewayProcess | undefined;
  #ended = false;

  #deaths: number[] = [];

  constructor({ env, log, ...settings }: NetworksOptions) {
    this.#env = env;
    this.#log = log;
    this.#settings = settings;
  }

  async open({
    owner,
    pid,
    enterArguments,
    policy,
    secrets = [],
  }: Parameters<Networks["open"]>[0]): Promise<SessionNetwork> {
    const place = SessionPlace.of({ pid, enterArguments });
    const namespaces = place.files;
    const networkId = randomUUID();
    const session: SessionRequest = {
      networkId,
      ...(owner && { owner }),
      policy,
      secrets,
      namespaces,
      enterArguments,
    };
    this.#sessions.set(networkId, session);
    try {
      await this.#ask({ call: "open", session });
    } catch (error) {
      this.#sessions.delete(networkId);
      place[Symbol.dispose]();
      throw error;
    }
    let before = NOTHING;
    let last = NOTHING;
    return sessionNetwork({
      place,
      env: this.#env,
      gateway: {
        apply: async (changed, given = {}) => {
          const { owner: taker, secrets: filled = [] } = given;
          session.policy = changed;
          session.secrets = filled;
          if (taker) session.owner = taker;
          await this.#ask({
            call: "apply",
            networkId,
            policy: changed,
            secrets: filled,
            owner: taker,
          });
        },
        traffic: async () => {
          const now = (await this.#ask({ call: "traffic", networkId })) as Traffic;
          // A gateway that took another's place counts from nothing.
          if (now.ingressBytes < last.ingressBytes || now.egressBytes < last.egressBytes) {
            before = add(before, last);
          }
          last = now;
          return add(before, last);
        },
        close: async () => {
          this.#sessions.delete(networkId);
          if (this.#gateway) await this.#ask({ call: "close", networkId });
        },
      },
    });
  }

  async authorityPem(): Promise<string> {
    return (
      (await savedAuthorityPem(this.#settings.directory)) ??
      String(await this.#ask({ call: "authority" }))
    );
  }

  warmUp(): void {
    this.#reachGateway();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#gateway?.[Symbol.asyncDispose]();
  }

  async #ask(call: GatewayCall): Promise<unknown> {
    return this.#reachGateway().ask(call);
  }

  #reachGateway(): GatewayProcess {
    if (this.#gateway) return this.#gateway;
    const gateway = new GatewayProcess({ env: this.#env });
    this.#gateway = gateway;
    void gateway.ended.then(() => {
      if (this.#gateway !== gateway) return;
      this.#gateway = undefined;
      if (!this.#ended) void this.#revive();
    });
    void gateway.ask({ call: "configure", settings: this.#settings }).catch(() => undefined);
    return gateway;
  }

  // Connections that went through the gateway are lost with it; new ones need not be.
  async #revive(): Promise<void> {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((death) => now - death < MINUTE_MS), now];
    const sessions = [...this.#sessions.values()];
    this.#log?.warn("the gateway of the sandboxes' networks ended", { sessions: sessions.length });
    if (this.#deaths.length > REVIVALS_PER_MINUTE) return;
    await Promise.all(
      sessions.map(async (session) => {
        try {
          await this.#ask({ call: "open", session });
        } catch (error) {
          // A session that is ending meanwhile needs no network.
          const reason = messageOf(error);
          this.#log?.warn("a sandbox lost its network", {
            session: session.owner?.sessionId ?? "none",
            reason,
          });
        }
      }),
    );
  }
}

function add(one: Traffic, other: Traffic): Traffic {
  return {
    ingressBytes: one.ingressBytes + other.ingressBytes,
    egressBytes: one.egressBytes + other.egressBytes,
  };
}
