import type { Socket } from "node:net";
import { NameMemory } from "../dns/name-memory.ts";
import type { NameResolver, Resolution } from "../dns/name-resolver.ts";
import type { RuledConnections } from "../http/ruled-connection.ts";
import { CompiledPolicy } from "../policy/compiled-policy.ts";
import { plainName } from "../policy/domain-pattern.ts";
import { STAND_IN_ADDRESS } from "../router/link-addresses.ts";
import type { Dialled, Dialler } from "./dialler.ts";
import type { Asked } from "./asked.ts";

/** The outside world as one sandbox may see it now. */
export class Outside {
  readonly memory = new NameMemory();
  readonly rules: RuledConnections;
  readonly #resolver: NameResolver;
  readonly #dialler: Dialler;
  #policy = new CompiledPolicy({ mode: "deny-all" });

  constructor(options: {
    resolver: NameResolver;
    dialler: Dialler;
    rules: (outside: Outside) => RuledConnections;
  }) {
    this.#resolver = options.resolver;
    this.#dialler = options.dialler;
    this.rules = options.rules(this);
  }

  get policy(): CompiledPolicy {
    return this.#policy;
  }

  /** Takes effect at once: what leads where the policy does not is cut off, and told. */
  setPolicy(policy: CompiledPolicy): ReadonlySet<Socket> {
    this.#policy = policy;
    return this.#dialler.review(this.#mayStay);
  }

  /** The addresses of a name to which the policy lets it lead; they are remembered as the name's. */
  async resolve(name: string): Promise<Resolution> {
    const resolution = await this.#resolver.resolve(name);
    if ("failure" in resolution) return resolution;
    const addresses = resolution.addresses.filter((address) => this.#leads(name, address));
    this.memory.learn(name, addresses);
    return { addresses };
  }

  /** The same, as the sandbox is told: a name that a rule stands in for leads somewhere in any case. */
  async resolveForSandbox(name: string): Promise<Resolution> {
    const resolution = await this.resolve(name);
    if (!("failure" in resolution) || !this.#policy.hasStandIn(name)) return resolution;
    return { addresses: [STAND_IN_ADDRESS] };
  }

  /** Connects to the very address that was asked for. Undefined when it does not answer. */
  async dialAddress({ address, port }: Asked): Promise<Socket | undefined> {
    return this.#dialler.dial({ addresses: [address], port }, this.#mayStay);
  }

  /**
   * Connects to where a name leads by our own account, if the policy lets it lead there. The address that the
   * client chose is preferred where it is one of them.
   */
  async dialName(name: string, asked: Asked): Promise<Socket | undefined> {
    const resolution = await this.resolve(name);
    if ("failure" in resolution || !this.#policy.domain(name)) return undefined;
    const chosen = resolution.addresses.filter((address) => address === asked.address);
    const others = resolution.addresses.filter((address) => address !== asked.address);
    return this.#dialler.dial(
      { name, addresses: [...chosen, ...others], port: asked.port },
      this.#mayStay,
    );
  }

  // An address alone was allowed as such; a name may also lead into a subnet that is allowed.
  #leads(name: string, address: string): boolean {
    if (this.#policy.domain(name)) return this.#policy.mayLeadTo(name, address);
    return this.#policy.admits(address);
  }

  readonly #mayStay = ({ name, address }: Dialled): boolean => {
    if (name !== undefined) {
      return this.#policy.domain(plainName(name)) !== undefined && this.#leads(name, address);
    }
    return this.#policy.admits(address);
  };
}
