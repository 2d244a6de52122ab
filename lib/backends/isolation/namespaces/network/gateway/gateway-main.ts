// The gateway's program: what `gateway-process.ts` runs. It lives as long as its channel to the engine.
import { setDefaultHighWaterMark } from "node:stream";
import { SandboxError } from "../../../../../contract/errors.ts";
import { keepCompiled, reuseCompiled } from "../../../../../std/compile-cache.ts";
import { endWithChannel } from "../../../end-with-channel.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayAnswer, GatewayRequest } from "./gateway-messages.ts";

/** A writer is not held up by every single piece that is read. */
const UNWRITTEN_BYTES = 256 * 1024;

reuseCompiled();
setDefaultHighWaterMark(false, UNWRITTEN_BYTES);
process.title = "sandlot-gateway";

const gateway = new Gateway();

endWithChannel();
process.on("message", (message) => {
  const { id, ...call } = message as GatewayRequest;
  void gateway
    .answer(call)
    .then(
      (result) => answer({ id, result }),
      (error: unknown) => {
        const code = SandboxError.is(error) ? error.code : "internal";
        answer({ id, error: { code, message: error instanceof Error ? error.message : "failed" } });
      },
    )
    // Some calls load more.
    .then(keepCompiled);
});

function answer(said: GatewayAnswer): void {
  // The engine may end while it is on its way: then nobody waits for it.
  if (process.connected) process.send!(said, () => undefined);
}
