import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

const installed = Symbol.for("sandlot.local-names");

/** What is asked for in the place of a host name: names below `localhost` are this machine (RFC 6761). */
export function addressOf(hostname: unknown): unknown {
  return typeof hostname === "string" && /\.localhost\.?$/i.test(hostname) ? "127.0.0.1" : hostname;
}

/**
 * Lets Node find names below `localhost`, such as those of sandboxes' ports. Browsers do so by themselves; the
 * system's resolver, which Node asks, does not everywhere. Once is enough.
 */
export function installLocalNames(): void {
  if (Reflect.has(globalThis, installed)) return;
  Object.defineProperty(globalThis, installed, { value: true });
  dns.lookup = withLocalNames(dns.lookup);
  dns.promises.lookup = withLocalNames(dns.promises.lookup);
  // Modules that took the functions out by name have a copy.
  syncBuiltinESMExports();
}

/** The same function, with all that hangs on it: Node keeps its form for promises there. */
function withLocalNames<Lookup extends typeof dns.lookup | typeof dns.promises.lookup>(
  lookup: Lookup,
): Lookup {
  return new Proxy(lookup, {
    apply: (target, self, [hostname, ...rest]: unknown[]) =>
      Reflect.apply(target, self, [addressOf(hostname), ...rest]) as unknown,
  });
}
