import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Networks } from "../backends/isolation/namespaces/network/networks.ts";
import type { SessionNetwork } from "../backends/isolation/namespaces/network/session-network.ts";
import { Cleanup } from "../std/cleanup.ts";
import { clientIn, type ClientAct, type ClientResult } from "./network-client.ts";
import { namespaceHolder, type NamespaceHolder } from "./namespace-holder.ts";
import { OutsideWorld } from "./outside-world.ts";

/** The address of `good.example`. */
export const GOOD = "203.0.113.5";
/** The address of `bad.example`. */
export const BAD = "203.0.113.6";

/** A sandbox's network over an outside with two hosts; and short ways to act in it. */
export class NetworkBench implements AsyncDisposable {
  readonly world: OutsideWorld;
  readonly holder: NamespaceHolder;
  readonly networks: Networks;
  readonly network: SessionNetwork;
  readonly #cleanup: Cleanup;

  static async make(
    policy: NetworkPolicy,
    prepare?: (world: OutsideWorld) => Promise<unknown>,
  ): Promise<NetworkBench> {
    const cleanup = new Cleanup();
    const world = await OutsideWorld.make();
    cleanup.add(() => world[Symbol.asyncDispose]());
    world.name("good.example", GOOD);
    world.name("bad.example", BAD);
    for (const [address, name] of [
      [GOOD, "good"],
      [BAD, "bad"],
    ] as const) {
      await world.serveHttp(address, 80, (request, response) =>
        response.end(`${name} for ${request.headers.host}`),
      );
      await world.serveHttps(address, 443, {
        name: `${name}.example`,
        listener: (request, response) => response.end(`${name} tls ${request.headers.host}`),
      });
    }
    await prepare?.(world);
    const networks = world.networks();
    cleanup.add(() => networks[Symbol.asyncDispose]());
    const holder = await namespaceHolder();
    cleanup.add(() => holder[Symbol.asyncDispose]());
    const { pid, enterArguments } = holder;
    const network = await networks.open({
      owner: { sessionId: "sbx_test", sandboxName: "box" },
      pid,
      enterArguments,
      policy,
    });
    cleanup.add(() => network[Symbol.asyncDispose]());
    return new NetworkBench({ world, holder, networks, network, cleanup });
  }

  private constructor(options: {
    world: OutsideWorld;
    holder: NamespaceHolder;
    networks: Networks;
    network: SessionNetwork;
    cleanup: Cleanup;
  }) {
    this.world = options.world;
    this.holder = options.holder;
    this.networks = options.networks;
    this.network = options.network;
    this.#cleanup = options.cleanup;
  }

  /** Where the networks' keys lie. */
  get keysDirectory(): string {
    return this.world.keysDirectory;
  }

  act(act: ClientAct): Promise<ClientResult> {
    return clientIn(this.holder, act);
  }

  http(address: string, host: string): Promise<ClientResult> {
    return this.act({ act: "http", address, port: 80, host });
  }

  lookup(name: string, type?: string): Promise<ClientResult> {
    return this.act({ act: "dns", name, ...(type !== undefined && { type }) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanup[Symbol.asyncDispose]();
  }
}
