// The program that `ingress-agent-process.ts` runs in a session's network namespace: connects what it is handed
// with ports there. It ends when it had nothing to do for a while, or when the engine ends.
import type { Socket } from "node:net";
import { setDefaultHighWaterMark } from "node:stream";
import { endWithChannel } from "../../../end-with-channel.ts";
import { answerNotListening } from "../../../not-listening-page.ts";
import type { Traffic } from "../gateway/gateway-messages.ts";
import { joinInside } from "./inside-port.ts";
import type { IngressOrder, IngressReport, ServeOrder } from "./ingress-messages.ts";

/** A page that is being looked at asks again before; one that is not costs nothing after. */
const IDLE_MS = 30_000;
/** A writer is not held up by every single piece. */
const UNWRITTEN_BYTES = 1024 * 1024;

process.title = "sandlot-ports";
setDefaultHighWaterMark(false, UNWRITTEN_BYTES);

const counted: Traffic = { ingressBytes: 0, egressBytes: 0 };
const served = new Map<Socket, { forwardId: number; inside: Socket | undefined }>();
let idle: NodeJS.Timeout | undefined;
let mustLeave = false;

endWithChannel();
process.on("message", (message, handle) => {
  const said = message as IngressOrder;
  switch (said.order) {
    case "serve":
      // The client may have gone while its socket was on the way.
      if (handle) void serve(handle as Socket, said);
      return;
    case "end":
      for (const [outside, { forwardId, inside }] of served) {
        if (forwardId !== said.forwardId) continue;
        outside.destroy();
        inside?.destroy();
      }
      return;
    case "count":
      report({ report: "count", id: said.id, traffic: traffic() });
      return;
    case "leave":
      mustLeave = true;
      rest();
      return;
  }
});
report({ report: "ready" });
rest();

async function serve(outside: Socket, { forwardId, port, sandboxName }: ServeOrder): Promise<void> {
  clearTimeout(idle);
  const held: { forwardId: number; inside: Socket | undefined } = { forwardId, inside: undefined };
  served.set(outside, held);
  // A client that has asked and shut its half still waits for the answer.
  outside.allowHalfOpen = true;
  outside.on("error", () => undefined); // `close` follows.
  outside.once("close", () => {
    served.delete(outside);
    counted.ingressBytes += outside.bytesRead;
    counted.egressBytes += outside.bytesWritten;
    rest();
  });
  held.inside = await joinInside(outside, port);
  if (outside.destroyed) held.inside?.destroy();
  else if (!held.inside) answerNotListening(outside, { port, sandboxName });
}

function rest(): void {
  if (served.size > 0) return;
  if (mustLeave) report({ report: "left", traffic: traffic() }, () => process.exit(0));
  else idle = setTimeout(() => report({ report: "idle" }), IDLE_MS);
}

function traffic(): Traffic {
  const all = { ...counted };
  for (const outside of served.keys()) {
    all.ingressBytes += outside.bytesRead;
    all.egressBytes += outside.bytesWritten;
  }
  return all;
}

function report(said: IngressReport, sent: () => void = () => undefined): void {
  process.send!(said, sent);
}
