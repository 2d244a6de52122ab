import { SandboxError } from "../contract/errors.ts";
import { nativeFetch } from "./native-fetch.ts";
import { packageVersion } from "./package-version.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { Transport } from "./transport.ts";
import { CloudTransport } from "./transport-cloud.ts";
import { DaemonTransport } from "./transport-daemon.ts";
import { EmbeddedTransport } from "./transport-embedded.ts";
import { HttpTransport } from "./transport-http.ts";

const key = Symbol.for("sandlot.transports");
const triggerKey = Symbol.for("sandlot.trigger-transport");
const shared = globalThis as {
  [key]?: Map<string, Transport>;
  [triggerKey]?: () => Transport;
};

/** Says how to reach runs of Trigger.dev: the library's own classes know, and this room does not. */
export function provideTriggerTransport(open: () => Transport): void {
  shared[triggerKey] ??= open;
}

/**
 * The way to the engine that the settings name: one per process for the same settings, because a bundler
 * may load a module twice, and two engines cannot share a folder.
 */
export function sharedTransport(settings: Settings = readSettings()): Transport {
  const transports = (shared[key] ??= new Map<string, Transport>());
  // Another version's copy may work differently inside.
  const name = JSON.stringify([packageVersion(), settings]);
  const known = transports.get(name);
  if (known) return known;
  const transport = openTransport(settings);
  transports.set(name, transport);
  return transport;
}

function openTransport(settings: Settings): Transport {
  const { engine, token } = settings;
  switch (engine.kind) {
    case "embedded":
      return new EmbeddedTransport(settings);
    case "daemon":
      return new DaemonTransport(settings);
    case "http":
      return new HttpTransport({ url: engine.url, ...(token !== undefined && { token }) });
    case "vercel":
      return vercelTransport;
    case "trigger":
      return openTrigger();
    case "e2b":
    case "daytona":
      return new CloudTransport(engine.kind);
  }
}

const CLOUD = "https://vercel.com/api";

/** Requests go to the real cloud as they are, with the caller's own credentials. */
const vercelTransport: Transport = {
  kind: "vercel",
  fetch: (path, init) => nativeFetch(`${CLOUD}${path.replace(/^\/vercel(?=\/)/, "")}`, init),
  describe: () => "the vendor's cloud",
  close: async () => undefined,
};

function openTrigger(): Transport {
  const open = shared[triggerKey];
  if (open) return open();
  throw new SandboxError(
    "unsupported",
    "SANDLOT_ENGINE=trigger works through the classes of the package's main entry. Import `sandlot` first.",
  );
}
