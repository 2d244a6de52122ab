import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { inspectMachine } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import { clientHome } from "../testing/client-home.ts";
import { defineSandboxProxy, Sandbox } from "./index.ts";

const { namespaces, network } = await inspectMachine({ directory: tmpdir() });
const isOffered = namespaces.offered && network.offered;

test.skipIf(!isOffered)(
  "what a policy forwards arrives at the vendor's proxy helper, which believes it (needs namespaces)",
  async () => {
    await using _home = await clientHome();
    const handler = defineSandboxProxy(async (request, { sandboxName }) =>
      Response.json({ url: request.url, sandboxName }),
    );
    const server = createServer((request, response) => {
      void (async () => {
        const body = await buffer(request);
        const headers = Object.entries(request.headers) as [string, string][];
        const method = request.method ?? "GET";
        const url = `http://${request.headers.host}${request.url}`;
        const answer = await handler(
          new Request(url, { method, headers, ...(body.length > 0 && { body }) }),
        );
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(await answer.text());
      })();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const forwardURL = `http://127.0.0.1:${port}/taken`;
      const sandbox = await Sandbox.create({
        networkPolicy: { allow: { "api.example.test": [{ forwardURL }] } },
      });
      const script =
        "fetch('https://api.example.test/path').then(async (r) => console.log(await r.text()))";
      const result = await sandbox.runCommand("node", ["-e", script]);
      expect(await result.stderr()).toBe("");
      expect(JSON.parse(await result.stdout())).toEqual({
        url: "https://api.example.test/path",
        sandboxName: sandbox.name,
      });
      await sandbox.delete();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  },
);
