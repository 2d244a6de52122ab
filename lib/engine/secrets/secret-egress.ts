import { isDeepStrictEqual } from "node:util";
import { SandboxError } from "../../contract/errors.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { StoredSecret } from "../../contract/secret.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { messageOf } from "../../std/message-of.ts";
import type { EgressSecret } from "./egress-secret.ts";
import type { Isolation, Log, PrepareRequest, Root, Store } from "../ports.ts";

const MARK = /\$\{secret:([^{}]*)\}/g;

/** What of a sandbox decides how its traffic leaves. */
export type EgressWords = Pick<Sandbox, "networkPolicy" | "secrets">;
/** The same as an isolation takes it: the only thing beside their table that ever holds values. */
export type FilledEgress = Required<Pick<PrepareRequest, "networkPolicy" | "secrets">>;

export interface SecretEgressOptions {
  store: Pick<Store, "secrets" | "sessions" | "sandboxes">;
  isolation: Pick<Isolation, "features">;
  /** Of the sessions that run. */
  roots: { rootOf(sessionId: string): Root | undefined; readonly sessionIds: string[] };
  log: Log;
}

/** Brings secrets to where traffic leaves, and nowhere else. */
export class SecretEgress {
  readonly #options: SecretEgressOptions;
  /** One change of a session's egress at a time: what is recorded last is what holds. */
  readonly #turns = new KeyedMutex();

  constructor(options: SecretEgressOptions) {
    this.#options = options;
  }

  /** Throws `invalid_request` for a secret that is not there or does not go to the place, `unsupported` where no policy is enforced. */
  check({ networkPolicy, secrets = {} }: EgressWords): void {
    const marks = marksIn(networkPolicy);
    if (marks.length === 0 && Object.keys(secrets).length === 0) return;
    const { networkPolicy: enforced } = this.#options.isolation.features;
    if (!enforced.offered) {
      throw new SandboxError(
        "unsupported",
        `Secrets are filled in where a sandbox's traffic leaves it, which cannot be done here: ${enforced.reason}`,
      );
    }
    for (const name of [...marks.map((mark) => mark.name), ...Object.values(secrets)]) {
      if (!this.#find(name)) {
        throw new SandboxError("invalid_request", `There is no secret named ${name}.`);
      }
    }
    for (const { name, domain } of marks) {
      const hosts = this.#find(name)?.hosts ?? [];
      if (mayGo(hosts, domain)) continue;
      throw new SandboxError(
        "invalid_request",
        `Secret ${name} goes to ${hosts.join(", ")} only, and a rule for ${domain} would send it there.`,
      );
    }
  }

  /** A mark of a secret that is gone, or does not go to the place any more, stays as it is. */
  fill({ networkPolicy, secrets = {} }: EgressWords): FilledEgress {
    const names = new Set(Object.values(secrets));
    return {
      networkPolicy: this.#filled(networkPolicy),
      secrets: [...names].flatMap((name): EgressSecret[] => {
        const secret = this.#find(name);
        if (!secret) return [];
        const { placeholder, value, hosts = [] } = secret;
        return [{ placeholder, value, hosts }];
      }),
    };
  }

  /** Enforces in a session what `record` answers, when that was recorded; what was recorded before, when it could not be. */
  async enforce<Recorded>(
    sessionId: string,
    { words, record }: { words: EgressWords; record: () => Promise<Recorded> },
  ): Promise<Recorded> {
    return this.#turns.run(sessionId, async () => {
      const { roots, store } = this.#options;
      const root = roots.rootOf(sessionId);
      if (root) await this.#apply(root, words);
      try {
        return await record();
      } catch (error) {
        const session = store.sessions.get(sessionId);
        if (session) await this.#quietly(session, () => this.#renew(session));
        throw error;
      }
    });
  }

  /** Enforces what is recorded of a session. */
  async renew(session: Session): Promise<void> {
    await this.#turns.run(session.id, () => this.#renew(session));
  }

  /** After a session was prepared with `prepared` and recorded: catches up with what has changed meanwhile. */
  async settle(session: Session, sandbox: Sandbox, prepared: FilledEgress): Promise<void> {
    if (isDeepStrictEqual(this.fill(wordsOf(session, sandbox)), prepared)) return;
    await this.#quietly(session, () => this.renew(session));
  }

  /** Brings another value, or none, to every session that uses the secret. */
  async changed(name: string): Promise<void> {
    const { store, roots } = this.#options;
    for (const id of roots.sessionIds) {
      const session = store.sessions.get(id);
      const sandbox = session && store.sandboxes.get(session.sandboxName);
      if (!sandbox || !uses(wordsOf(session, sandbox), name)) continue;
      await this.#quietly(session, () => this.renew(session));
    }
  }

  async #quietly(session: Session, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // One that is ending meanwhile needs no policy and no secret.
      const reason = messageOf(error);
      this.#options.log.warn("a sandbox's network policy and secrets could not be renewed", {
        sandbox: session.sandboxName,
        sessionId: session.id,
        reason,
      });
    }
  }

  async #renew({ id, sandboxName }: Session): Promise<void> {
    const { store, roots } = this.#options;
    const root = roots.rootOf(id);
    const session = store.sessions.get(id);
    const sandbox = store.sandboxes.get(sandboxName);
    if (root && session && sandbox) await this.#apply(root, wordsOf(session, sandbox));
  }

  async #apply(root: Root, words: EgressWords): Promise<void> {
    const { networkPolicy, secrets } = this.fill(words);
    await root.applyNetworkPolicy(networkPolicy, secrets);
  }

  #find(name: string): StoredSecret | undefined {
    return this.#options.store.secrets.all({ equals: { name } })[0];
  }

  #filled(policy: NetworkPolicy): NetworkPolicy {
    if (policy.mode !== "custom" || marksIn(policy).length === 0) return policy;
    const domains = (policy.domains ?? []).map((listed) => ({
      ...listed,
      rules: listed.rules.map((rule) => ({
        ...rule,
        ...(rule.transform && {
          transform: rule.transform.map(({ headers = {} }) => ({
            headers: Object.fromEntries(
              Object.entries(headers).map(([header, text]) => [
                header,
                text.replace(MARK, (mark, name: string) => {
                  const secret = this.#find(name);
                  return secret && mayGo(secret.hosts ?? [], listed.domain) ? secret.value : mark;
                }),
              ]),
            ),
          })),
        }),
      })),
    }));
    return { ...policy, domains };
  }
}

/** The variables of a sandbox's commands: those of secrets hold placeholders. */
export function environmentOf(
  { env, secrets }: Pick<Sandbox, "env" | "secrets">,
  store: Pick<Store, "secrets">,
): Record<string, string> {
  if (!secrets) return env;
  const placeholders = Object.entries(secrets).flatMap(([variable, name]) => {
    const secret = store.secrets.all({ equals: { name } })[0];
    return secret ? [[variable, secret.placeholder] as const] : [];
  });
  return { ...env, ...Object.fromEntries(placeholders) };
}

// The session's policy is the one that holds; the sandbox's is for the sessions to come.
function wordsOf(session: Session, sandbox: Sandbox): EgressWords {
  const { secrets } = sandbox;
  return { networkPolicy: session.networkPolicy, ...(secrets && { secrets }) };
}

function uses({ networkPolicy, secrets = {} }: EgressWords, name: string): boolean {
  return (
    Object.values(secrets).includes(name) ||
    marksIn(networkPolicy).some((mark) => mark.name === name)
  );
}

function marksIn(policy: NetworkPolicy): { name: string; domain: string }[] {
  if (policy.mode !== "custom") return [];
  return (policy.domains ?? []).flatMap(({ domain, rules }) =>
    rules
      .flatMap(({ transform = [] }) =>
        transform.flatMap(({ headers = {} }) => Object.values(headers)),
      )
      .flatMap((text) => [...text.matchAll(MARK)].map(([, name = ""]) => ({ name, domain }))),
  );
}

/** Whether all that a rule's domain stands for is among a secret's hosts. No hosts: a rule may name any. */
function mayGo(hosts: readonly string[], domain: string): boolean {
  if (hosts.length === 0 || hosts.includes("*")) return true;
  const plain = domain.toLowerCase().replace(/\.$/, "");
  return hosts.some((host) => {
    const allowed = host.toLowerCase();
    if (allowed === plain) return true;
    // Of a pattern that is wider, a part would be another's; `*.` stands for whatever is below.
    const below = plain.startsWith("*.") ? plain.slice(1) : plain;
    return allowed.startsWith("*.") && !below.includes("*") && below.endsWith(allowed.slice(1));
  });
}
