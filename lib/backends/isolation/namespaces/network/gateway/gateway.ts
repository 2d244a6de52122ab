import { SandboxError } from "../../../../../contract/errors.ts";
import { KeyedMutex } from "../../../../../std/keyed-mutex.ts";
import { MadeOnce } from "../../../../../std/made-once.ts";
import { NameResolver } from "../dns/name-resolver.ts";
import type { NetworkPolicy } from "../../../../../contract/network-policy.ts";
import type { Authority } from "../http/authority.ts";
import type { RuledConnections } from "../http/ruled-connection.ts";
import type { SandboxTokens, TokenSubject } from "../http/sandbox-tokens.ts";
import { CompiledPolicy } from "../policy/compiled-policy.ts";
import { parseCidr } from "../policy/address-set.ts";
import { Dialler } from "../tcp/dialler.ts";
import { SessionPlace } from "../session-place.ts";
import { Outside } from "../tcp/outside.ts";
import type { GatewayCall, GatewaySettings, SessionRequest } from "./gateway-messages.ts";
import { GatewaySession } from "./gateway-session.ts";

/** The ways out of all sessions of an engine. */
export class Gateway {
  readonly #sessions = new Map<string, OpenedSession>();
  readonly #turns = new KeyedMutex();
  #settings: GatewaySettings = { directory: "" };
  readonly #inspection = new MadeOnce(() => openInspection(this.#settings.directory));

  /** Calls for one session take effect in the order in which they come. */
  async answer(call: GatewayCall): Promise<unknown> {
    switch (call.call) {
      case "configure":
        this.#settings = call.settings;
        return undefined;
      case "open":
        return this.#turns.run(call.session.networkId, () => this.#open(call.session));
      case "apply":
        return this.#turns.run(call.networkId, async () => {
          await checkPolicy(call.policy);
          const { session, request } = this.#session(call.networkId);
          if (call.owner) request.owner = call.owner;
          await session.apply(new CompiledPolicy(call.policy, call.secrets));
        });
      case "traffic":
        return this.#session(call.networkId).session.traffic();
      case "close":
        return this.#turns.run(call.networkId, () => this.#close(call.networkId));
      case "authority":
        return (await this.#inspection.get()).authority.pem;
    }
  }

  async #open(request: SessionRequest): Promise<void> {
    await checkPolicy(request.policy);
    await this.#close(request.networkId);
    const { hosts, detours, morePorts = [] } = this.#settings;
    const outside = new Outside({
      resolver: new NameResolver(hosts),
      dialler: new Dialler(detours),
      rules: (world) => this.#rulesOf(request, world),
    });
    const place = SessionPlace.open(request.namespaces, request.enterArguments);
    const session = new GatewaySession({ place, outside, morePorts });
    this.#sessions.set(request.networkId, { session, request });
    try {
      await session.apply(new CompiledPolicy(request.policy, request.secrets));
      if (!request.owner) await session.prepare();
    } catch (error) {
      await this.#close(request.networkId);
      throw error;
    }
  }

  async #close(networkId: string): Promise<void> {
    await this.#sessions.get(networkId)?.session[Symbol.asyncDispose]();
    this.#sessions.delete(networkId);
  }

  // What looks into requests is loaded when the first rule needs it: most policies have none.
  #rulesOf(request: SessionRequest, outside: Outside): RuledConnections {
    let server: Promise<RuledConnections> | undefined;
    const open = async () => {
      const inspection = await this.#inspection.get();
      const { sessionId = "", sandboxName = "" } = request.owner ?? {};
      return inspection.serve(outside, { sandboxId: sessionId, sandboxName });
    };
    return {
      accept: async (client, connection) => {
        try {
          await (await (server ??= open())).accept(client, connection);
        } catch (error) {
          server = undefined;
          client.resetAndDestroy();
          console.error(error);
        }
      },
    };
  }

  #session(networkId: string): OpenedSession {
    const session = this.#sessions.get(networkId);
    if (session) return session;
    throw new SandboxError("internal", `The gateway knows no network ${networkId}.`);
  }
}

interface OpenedSession {
  session: GatewaySession;
  request: SessionRequest;
}

/** What it takes to look into requests. */
interface Inspection {
  authority: Authority;
  serve(outside: Outside, subject: TokenSubject): RuledConnections;
}

async function openInspection(directory: string): Promise<Inspection> {
  const [{ RuleServer }, { Authority }, { SandboxTokens }] = await Promise.all([
    import("../http/rule-server.ts"),
    import("../http/authority.ts"),
    import("../http/sandbox-tokens.ts"),
  ]);
  const authority = await Authority.open(directory);
  let opened: Promise<SandboxTokens> | undefined;
  const tokens = () => (opened ??= SandboxTokens.open(directory));
  return {
    authority,
    serve: (outside, subject) => new RuleServer({ outside, subject, authority, tokens }),
  };
}

// Throws `invalid_request` before anything changes.
async function checkPolicy(policy: NetworkPolicy): Promise<void> {
  if (policy.mode !== "custom") return;
  for (const cidr of [...(policy.allowedCidrs ?? []), ...(policy.deniedCidrs ?? [])]) {
    if (parseCidr(cidr)) continue;
    throw new SandboxError(
      "invalid_request",
      `"${cidr}" is no subnet. Write an address and the length of its prefix, such as 10.0.0.0/8.`,
    );
  }
  const rules = (policy.domains ?? []).flatMap((domain) => domain.rules);
  if (rules.length === 0) return;
  const { checkRules } = await import("../http/rule-match.ts");
  checkRules(rules);
}
