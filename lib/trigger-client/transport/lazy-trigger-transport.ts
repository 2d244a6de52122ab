import type { Transport } from "../../host/transport.ts";
import type { TriggerTransport } from "./trigger-transport.ts";

/** The transport to runs of Trigger.dev, of which nothing is loaded before the first request. */
export function lazyTriggerTransport(): Transport {
  let loading: Promise<TriggerTransport> | undefined;
  const load = async (): Promise<TriggerTransport> => {
    const [loaded, { openTrigger }] = await Promise.all([
      import("./trigger-transport.ts"),
      import("./trigger.ts"),
    ]);
    return new loaded.TriggerTransport({ open: openTrigger });
  };
  return {
    kind: "trigger",
    fetch: async (path, init) => (await (loading ??= load())).fetch(path, init),
    describe: () => "runs of the Trigger.dev project that TRIGGER_SECRET_KEY belongs to",
    close: async () => (await loading)?.close(),
  };
}
