import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Sandbox, type NetworkPolicy } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

forEachTransport((connection) => {
  describe("network policies", () => {
    proves(
      "NET-001",
      "NET-008",
      "NET-009",
    )("round-trip as modes", async () => {
      await using sandbox = await connection().create();
      expect(sandbox.networkPolicy).toBe("allow-all");
      expect(await sandbox.updateNetworkPolicy("deny-all")).toBe("deny-all");
      expect(sandbox.currentSession().networkPolicy).toBe("deny-all");
      await sandbox.currentSession().update({ networkPolicy: "allow-all" });
      expect(sandbox.currentSession().networkPolicy).toBe("allow-all");
    });

    proves("NET-002", "NET-003")("read back their domains and subnets", async () => {
      const policy: NetworkPolicy = {
        allow: ["example.com", "*.example.org"],
        subnets: { allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16", "2001:db8::/32"] },
      };
      await using sandbox = await connection().create({ networkPolicy: policy });
      expect(sandbox.networkPolicy).toEqual(policy);
      const found = await Sandbox.get({ name: sandbox.name });
      expect(found.currentSession().networkPolicy).toEqual(policy);
    });

    proves("NET-004", "NET-006")("never tell an injected header's value", async () => {
      const match = { path: { startsWith: "/v1/" }, method: ["POST"] };
      await using sandbox = await connection().create({
        networkPolicy: {
          allow: {
            "api.example.com": [
              { match, transform: [{ headers: { authorization: "Bearer very-secret" } }] },
            ],
          },
        },
      });
      expect(sandbox.networkPolicy).toMatchObject({
        allow: {
          "api.example.com": [{ match, transform: [{ headers: { authorization: "<redacted>" } }] }],
        },
      });
      const response = await connection().call(`/v2/sandboxes/${sandbox.name}`);
      expect(await response.text()).not.toContain("very-secret");
    });

    proves("NET-005", "NET-007")(
      "read back where they forward to, and take direct answers",
      async () => {
        await using sandbox = await connection().create({
          networkPolicy: {
            allow: {
              "forward.example.com": [{ forwardURL: "https://proxy.example.com/hook" }],
              "direct.example.com": [
                { response: { statusCode: 200, body: "ok", contentType: "text/plain" } },
              ],
            },
          },
        });
        expect(sandbox.networkPolicy).toMatchObject({
          allow: { "forward.example.com": [{ forwardURL: "https://proxy.example.com/hook" }] },
        });
        expect(JSON.stringify(sandbox.networkPolicy)).toContain("direct.example.com");
      },
    );

    proves("NET-010")("that make no sense change nothing", async () => {
      await using sandbox = await connection().create({ networkPolicy: "deny-all" });
      const { sessionId } = sandbox.currentSession();
      for (const body of [
        { mode: "sometimes" },
        { allow: ["not a domain"] },
        { subnets: { deny: ["10.0.0.0/99"] } },
        { allow: { "example.com": [{}] } },
        { unknown: true },
      ]) {
        const path = `/v2/sandboxes/sessions/${sessionId}/network-policy`;
        expect((await connection().post(path, body)).status, JSON.stringify(body)).toBe(400);
      }
      const found = await Sandbox.get({ name: sandbox.name });
      expect(found.currentSession().networkPolicy).toBe("deny-all");
      const refused = await rejection(
        Sandbox.create({ networkPolicy: { subnets: { allow: ["nonsense"] } } }),
      );
      expect(refused).toMatchObject({ response: { status: 400 } });
    });

    proves("NET-011")("keep a closed sandbox's commands off the network", async () => {
      const server = createServer((_request, response) => response.end("reached"));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await using sandbox = await connection().create({ networkPolicy: "deny-all" });
      const script = `fetch("http://127.0.0.1:${port}").then((r) => r.text()).then(console.log)`;
      const result = await sandbox.runCommand("node", ["-e", script]);
      server.close();
      expect(await result.stdout()).not.toContain("reached");
    });
  });
});
