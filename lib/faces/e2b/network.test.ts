import { Sandbox, type SandboxOpts, Secret } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqliteStore } from "../../backends/store/sqlite-store.ts";
import { createEngine } from "../../engine/create-engine.ts";
import { Cleanup } from "../../std/cleanup.ts";
import { faceContext } from "../../testing/face-context.ts";
import { listLog } from "../../testing/list-log.ts";
import { localHostPorts } from "../../testing/local-host-ports.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { makeNamespaces, whyNoNamespaces } from "../../testing/namespaces-bench.ts";
import { OutsideWorld } from "../../testing/outside-world.ts";
import { servedFace } from "../../testing/served-face.ts";
import { e2bFace } from "./e2b-face.ts";

const reason = await whyNoNamespaces();
const GOOD = "203.0.113.10";
const BAD = "203.0.113.20";
const ALL = "0.0.0.0/0";

describe.skipIf(reason !== undefined)(
  "a sandbox's network, against an outside that is there",
  () => {
    const cleanup = new Cleanup();
    let options: { apiKey: string; apiUrl: string; sandboxUrl: string };

    beforeAll(async () => {
      const world = await OutsideWorld.make();
      cleanup.add(() => world[Symbol.asyncDispose]());
      for (const [name, address] of [
        ["good.example", GOOD],
        ["bad.example", BAD],
      ] as const) {
        world.name(name, address);
        // Tells the header that a rule may have put in.
        await world.serveHttp(address, 80, (request, response) => {
          response.end(`${name} ${String(request.headers["x-key"] ?? "none")}`);
        });
      }
      const makeIsolation = await makeNamespaces({ outside: world });
      const store = openSqliteStore({ file: `${world.directory}/state.db` });
      const log = listLog();
      const clock = new ManualClock();
      const isolation = makeIsolation(`${world.directory}/isolation`);
      const engine = await createEngine({
        store,
        isolation,
        clock,
        log,
        directory: world.directory,
        hostPorts: localHostPorts(),
        fetcher: { fetch: rejected, fetchRepository: rejected },
      });
      cleanup.add(async () => {
        for (const { name } of store.sandboxes.all()) await engine.sandboxes.delete(name);
        await engine[Symbol.asyncDispose]();
        store.close();
      });
      const served = await servedFace(e2bFace(faceContext({ engine, log, clock })));
      cleanup.add(() => served[Symbol.asyncDispose]());
      options = { apiKey: "e2b_00", apiUrl: served.url, sandboxUrl: served.url };
    });

    afterAll(() => cleanup[Symbol.asyncDispose]());

    /** What of the outside the sandbox reaches: by the good name, by the bad one, by the bad one's address. */
    async function reached(sandbox: Sandbox): Promise<[string, string, string]> {
      const ask = async (host: string) => {
        const command = `curl -sS -m 5 http://${host}/ 2>/dev/null || echo refused`;
        return (await sandbox.commands.run(command)).stdout.trim();
      };
      return Promise.all([ask("good.example"), ask("bad.example"), ask(BAD)]);
    }

    async function create(more: SandboxOpts = {}): Promise<Sandbox & AsyncDisposable> {
      const sandbox = await Sandbox.create({ ...options, ...more });
      return Object.assign(sandbox, {
        async [Symbol.asyncDispose]() {
          await sandbox.kill();
        },
      });
    }

    const OPEN = ["good.example none", "bad.example none", "bad.example none"];
    const CLOSED = ["refused", "refused", "refused"];

    test("is open by default, and closed when no internet was asked for", async () => {
      await using open = await create();
      expect(await reached(open)).toEqual(OPEN);
      await using closed = await create({ allowInternetAccess: false });
      expect(await reached(closed)).toEqual(CLOSED);
      expect((await closed.getInfo()).allowInternetAccess).toBe(false);
    });

    test("lets nothing through to what is denied, and what is allowed goes before", async () => {
      await using denied = await create({ network: { denyOut: [BAD] } });
      expect(await reached(denied)).toEqual(["good.example none", "refused", "refused"]);
      await using range = await create({
        network: { denyOut: ["203.0.113.0/24"], allowOut: [`${BAD}/32`] },
      });
      expect(await reached(range)).toEqual(["refused", "bad.example none", "bad.example none"]);
      await using named = await create({ network: { denyOut: [ALL], allowOut: ["good.example"] } });
      expect(await reached(named)).toEqual(["good.example none", "refused", "refused"]);
      expect((await named.getInfo()).network).toMatchObject({
        denyOut: [ALL],
        allowOut: ["good.example"],
      });
    });

    test("is replaced as a whole by an update", async () => {
      await using sandbox = await create({ network: { denyOut: [BAD] } });
      await sandbox.updateNetwork({ denyOut: [GOOD] });
      expect(await reached(sandbox)).toEqual(["refused", "bad.example none", "bad.example none"]);
      await sandbox.updateNetwork({ allowInternetAccess: false });
      expect(await reached(sandbox)).toEqual(CLOSED);
      await sandbox.updateNetwork({});
      expect(await reached(sandbox)).toEqual(OPEN);
    });

    test("fills secrets into headers on the way out, where the sandbox never sees them", async () => {
      const secret = await Secret.create("api-key", "hunter2", options);
      const network = {
        rules: {
          "good.example": [{ transform: { headers: { "X-Key": Secret.fill("api-key") } } }],
        },
      };
      await using sandbox = await create({ network });
      expect(await reached(sandbox)).toEqual([
        "good.example hunter2",
        "bad.example none",
        "bad.example none",
      ]);
      await Secret.update(secret.secretId, "hunter3", options);
      expect((await reached(sandbox))[0]).toBe("good.example hunter3");
      const seen = await sandbox.commands.run(
        "env; sudo grep -rsl hunter /home /etc /tmp /run /var || true",
      );
      expect(seen.stdout).not.toContain("hunter");
      expect(JSON.stringify(await sandbox.getInfo())).not.toContain("hunter");
      await Secret.destroy("api-key", options);
    });
  },
);

async function rejected(): Promise<never> {
  throw new Error("nothing is fetched here");
}
