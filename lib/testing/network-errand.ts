import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { GOOD, NetworkBench } from "./network-bench.ts";
import type { ClientResult } from "./network-client.ts";

/** Uses every part of a sandbox's network once, as whoever runs it, and tells what came of it. */
export async function networkErrand(): Promise<Record<string, string>> {
  await using bench = await NetworkBench.make({
    mode: "custom",
    domains: [{ domain: "good.example", rules: [] }],
  });
  const good = outcome(await bench.http(GOOD, "good.example"));
  const bad = outcome(await bench.http(GOOD, "bad.example"));
  await bench.network.apply({ mode: "deny-all" });
  const denied = outcome(await bench.http(GOOD, "good.example"));
  const inside = bench.holder.start([
    process.execPath,
    "-e",
    `require("node:http").createServer((_, response) => response.end("from inside")).listen(3000, () => console.log("up"))`,
  ]);
  await once(inside.stdout!, "data");
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const forward = bench.network.forward({ port: 3000, sandboxName: "box", server });
  const { port: hostPort } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${hostPort}/`, { headers: { connection: "close" } });
  const port = await answer.text();
  await forward[Symbol.asyncDispose]();
  server.close();
  inside.kill();
  return { good, bad, denied, port };
}

function outcome(result: ClientResult): string {
  if ("code" in result) return result.code;
  return "body" in result ? result.body : JSON.stringify(result);
}
