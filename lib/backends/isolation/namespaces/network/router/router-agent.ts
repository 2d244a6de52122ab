// The program that `router.ts` runs in a router, where Perl cannot do it (`quick-agent.ts`): opens what
// listens there, hands it to the gateway, and ends. Arguments: the ports.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { SANDBOX_ADDRESS } from "./link-addresses.ts";
import { DNS_PORT } from "./port-table.ts";
import type { RouterMessage } from "./router-message.ts";
import { ARP_SETTING, DISCARD_PORT } from "./router-script.ts";

// The kernel finishes handshakes while the gateway is busy; beyond that, clients try again.
const BACKLOG = 511;

// The gateway died: nobody needs this. The channel would not tell as long as it holds something unsent.
process.stdin.once("end", () => process.exit(1)).resume();
const thanked = once(process, "message");

const host = await hostOfAll();
const servers = await Promise.all(process.argv.slice(2).map(Number).map(listen));
const questions = createSocket({ type: host === "::" ? "udp6" : "udp4" });
questions.bind(DNS_PORT, host);
await once(questions, "listening");
for (const server of servers) send({ kind: "tcp" }, server);
send({ kind: "dns" }, questions);
await thanked;

// As long as they are open here too, what arrives may end up here.
for (const server of servers) server.close();
questions.close();
// From now on the sandbox's packets find the gateway. The sandbox's kernel need not ask a second time for the
// router's hardware address: whoever is asked for his own learns that of the asker.
writeFileSync(ARP_SETTING, "0");
const greeting = createSocket("udp4");
greeting.send("", DISCARD_PORT, SANDBOX_ADDRESS, () => process.exit(0));

function send(message: RouterMessage, handle: Server | Socket): void {
  process.send!(message, handle);
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen({ port, host, backlog: BACKLOG });
  await once(server, "listening");
  return server;
}

async function hostOfAll(): Promise<"::" | "0.0.0.0"> {
  const probe = createServer().listen(0, "::");
  try {
    await once(probe, "listening");
    probe.close();
    return "::";
  } catch {
    return "0.0.0.0"; // The kernel has no IPv6.
  }
}
