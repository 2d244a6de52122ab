import type { Transport } from "../../host/transport.ts";
import { MadeOnce } from "../../std/made-once.ts";

/** The transport to runs of Trigger.dev, of which nothing is loaded before the first request. */
export function lazyTriggerTransport(): Transport {
  const loaded = new MadeOnce(async () => {
    const [{ TriggerTransport }, { openTrigger }] = await Promise.all([
      import("./trigger-transport.ts"),
      import("./trigger.ts"),
    ]);
    return new TriggerTransport({ open: openTrigger });
  });
  return {
    kind: "trigger",
    fetch: async (path, init) => (await loaded.get()).fetch(path, init),
    describe: () => "runs of the Trigger.dev project that TRIGGER_SECRET_KEY belongs to",
    close: async () => (await loaded.current?.catch(() => undefined))?.close(),
  };
}
