import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, SDKS } from "./harness.ts";

forE2b(
  (e2b) => {
    describe("sandboxes", () => {
      proves(
        "E2B-001",
        "E2B-002",
        "E2B-005",
      )("need nothing but variables", async () => {
        await using sandbox = await e2b().create();
        const info = await sandbox.getInfo();
        expect(sandbox.sandboxId).toMatch(/^[a-z0-9]+$/);
        expect(info).toMatchObject({
          sandboxId: sandbox.sandboxId,
          templateId: "base",
          name: "base",
          metadata: {},
          state: "running",
          envdVersion: expect.stringMatching(/^0\.(?:6\.(?:1[3-9]|[2-9]\d)|[7-9]|\d\d)/),
          cpuCount: 2,
          memoryMB: 4096,
        });
        expect(info.endAt.getTime() - info.startedAt.getTime()).toBe(300_000);
        // The same client connects by the id alone: its own domain holds for all URLs.
        const again = await e2b().sdk.Sandbox.connect(sandbox.sandboxId);
        expect(await again.isRunning()).toBe(true);
      });

      proves("E2B-003", "E2B-004")("tell again what was asked for", async () => {
        await using sandbox = await e2b().create({
          template: "code-interpreter-v1",
          metadata: { user: "a b", odd: "ü&=%" },
          envs: { WORD: "grüße" },
          timeoutMs: 90_000,
          lifecycle: { onTimeout: "pause", autoResume: true },
          network: { denyOut: ["10.9.0.0/16"], allowPublicTraffic: false },
        });
        const info = await sandbox.getInfo();
        expect(info).toMatchObject({
          templateId: "code-interpreter-v1",
          name: "code-interpreter-v1",
          metadata: { user: "a b", odd: "ü&=%" },
          lifecycle: { onTimeout: "pause", autoResume: true },
        });
        expect(info.endAt.getTime() - info.startedAt.getTime()).toBe(90_000);
        expect(sandbox.trafficAccessToken).toEqual(expect.any(String));
        // Older clients pass over a part of it.
        const detail = await e2b().call(`/sandboxes/${sandbox.sandboxId}`);
        expect(await detail.json()).toMatchObject({
          network: { denyOut: ["10.9.0.0/16"], allowPublicTraffic: false },
          cpuCount: 2,
          memoryMB: 4_096,
        });
        expect((await sandbox.commands.run("echo $WORD")).stdout).toBe("grüße\n");
      });

      proves("E2B-006")("are killed once", async () => {
        const sandbox = await e2b().create();
        const { Sandbox } = e2b().sdk;
        expect(await sandbox.isRunning()).toBe(true);
        expect(await sandbox.kill()).toBe(true);
        expect(await sandbox.isRunning()).toBe(false);
        expect(await Sandbox.kill(sandbox.sandboxId)).toBe(false);
        for (const lost of [
          () => Sandbox.getInfo(sandbox.sandboxId),
          () => Sandbox.connect(sandbox.sandboxId),
          () => sandbox.setTimeout(5_000),
          () => sandbox.createSnapshot(),
        ]) {
          expect((await rejection(lost())).constructor.name).toBe("SandboxNotFoundError");
        }
      });

      proves("E2B-007")("fail as the vendor's do", async () => {
        const { Sandbox } = e2b().sdk;
        const apiKey = `e2b_${"0".repeat(40)}`;
        const failures = [
          await rejection(Sandbox.create({ apiKey })),
          await rejection(Sandbox.create("no-such-template")),
        ];
        expect(failures.map(({ constructor: { name }, message }) => [name, message])).toEqual([
          ["AuthenticationError", expect.stringContaining("Unauthorized")],
          ["SandboxError", expect.stringContaining("404: template 'no-such-template' not found")],
        ]);
        const { controls } = e2b();
        for (const [status, name] of [
          [429, "RateLimitError"],
          [503, "ServiceBusyError"],
        ] as const) {
          await using _rule = await controls.faults.add({
            face: "e2b",
            method: "GET",
            path: "/v2/sandboxes",
            action: { kind: "status", status },
          });
          const refused = await rejection(Sandbox.list().nextItems());
          // Older clients have fewer classes.
          const known = name in e2b().sdk ? name : "SandboxError";
          expect(refused.constructor.name).toBe(known);
        }
      });
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-008")("the first version of create has defaults of its own", async () => {
    const post = (body: unknown) =>
      e2b().call("/sandboxes", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const open = await post({ templateID: "base" });
    expect(open.status).toBe(201);
    const made = (await open.json()) as { sandboxID: string; envdAccessToken?: string };
    expect(made.envdAccessToken).toBeUndefined();
    const { startedAt, endAt } = await e2b().sdk.Sandbox.getInfo(made.sandboxID);
    expect(endAt.getTime() - startedAt.getTime()).toBe(15_000);
    // Whoever connects has no token, and needs none.
    const sandbox = await e2b().sdk.Sandbox.connect(made.sandboxID);
    expect((await sandbox.commands.run("whoami")).stdout).toBe("user\n");
    const secured = await post({ templateID: "base", secure: true });
    expect(await secured.json()).toMatchObject({ envdAccessToken: expect.any(String) });
  });
});
