import { ingressUrl } from "../host/ingress.ts";
import { nativeFetch } from "../host/native-fetch.ts";
import { installLocalNames } from "./local-names.ts";
import { installModuleHooks } from "./module-hooks.ts";
import { provideToken } from "./oidc-token.ts";
import { patchedFetch } from "./patched-fetch.ts";
import { provideRouteUrl } from "./rewrite-domain.ts";

const installed = Symbol.for("sandlot.registered");

/**
 * Redirects the vendor's clients in this process and in the Node processes that it starts. Once is enough.
 * `inRuns`: sandboxes are in Trigger.dev runs, whose ports are reached where the settings say.
 */
export function install(entryUrl: string, { inRuns = false }: { inRuns?: boolean } = {}): void {
  if (Reflect.has(globalThis, installed)) return;
  Object.defineProperty(globalThis, installed, { value: true });
  // Read before it is replaced: everything of ours goes by the original.
  Object.defineProperty(globalThis, "fetch", {
    configurable: true,
    enumerable: true,
    writable: true,
    value: inRuns ? patchedFetch(nativeFetch, ingressUrl) : patchedFetch(nativeFetch),
  });
  if (inRuns) provideRouteUrl(ingressUrl);
  installLocalNames();
  installModuleHooks();
  provideToken(process.env);
  quietCli(process.env);
  inheritBy(process.env, entryUrl);
}

/** The vendor's CLI reports its use and asks the registry for news of itself. Neither works offline. */
function quietCli(env: NodeJS.ProcessEnv): void {
  env["VERCEL_SANDBOX_TELEMETRY_DISABLED"] ??= "1";
  env["SANDBOX_SKIP_VERSION_CHECK"] ??= "1";
}

/**
 * Node hands `--import` on to worker threads and forks, but not to programs that are spawned by name.
 * Without this, a child would send the made-up token to the real cloud.
 */
function inheritBy(env: NodeJS.ProcessEnv, entryUrl: string): void {
  const option = `--import=${entryUrl}`;
  const before = env["NODE_OPTIONS"] ?? "";
  if (before.includes("sandlot/register") || before.includes(entryUrl)) return;
  env["NODE_OPTIONS"] = before ? `${before} ${option}` : option;
}
