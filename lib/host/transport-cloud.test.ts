import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryHome } from "../testing/temporary-home.ts";
import { CloudTransport } from "./transport-cloud.ts";
import { vendorEnvironment } from "./vendor-environment.ts";

// The loop: our API, the vendor's own SDK, our face of that vendor, the engine. What runs in a sandbox is the
// conformance suite's business; here is what a transport adds.

let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeAll(async () => {
  home = await temporaryHome();
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

function opened(cloud: "e2b" | "daytona"): CloudTransport {
  const transport = new CloudTransport(cloud);
  onTestFinished(() => transport.close());
  return transport;
}

const post = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

describe.each(["e2b", "daytona"] as const)("on the cloud of %s", (cloud) => {
  beforeAll(async () => {
    const variables = await vendorEnvironment(cloud, home.settings);
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  });

  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test("refuses by name what the cloud cannot do, before anything is made there", async () => {
    const transport = opened(cloud);
    const create = async (request: object) => {
      const answer = await transport.fetch("/vercel/v2/sandboxes", post(request));
      return (await answer.json()) as { error?: { code: string; message: string } };
    };
    for (const [request, asked] of [
      [{ runtime: "node24" }, "runtime"],
      [{ resources: { vcpus: 4 } }, "vcpus"],
      [{ networkId: "net_1" }, "networkId"],
      [{ source: { type: "git", url: "https://example.com/a.git" } }, "source: git"],
    ] as const) {
      const { error } = await create({ name: "refused", ...request });
      expect(error).toMatchObject({ code: "unsupported" });
      expect(error?.message).toContain(`${asked}: not with SANDLOT_ENGINE=${cloud}, because `);
    }
    const drives = await transport.fetch("/vercel/v2/sandboxes/drives?limit=1");
    expect(await drives.json()).toMatchObject({ error: { code: "unsupported" } });
    const named = await transport.fetch("/vercel/v2/sandboxes/refused");
    expect(named.status).toBe(404);
  });

  test("shows another process the same sandboxes", async () => {
    const [first, second] = [opened(cloud), opened(cloud)];
    const name = `seen-${cloud}`;
    const tags = { team: "a" };
    // As the vendor's clients ask: they name their team in the query.
    const made = await first.fetch(
      "/vercel/v2/sandboxes?teamId=team_a",
      post({ name, tags, ports: [3000] }),
    );
    expect(await made.json()).toMatchObject({ sandbox: { name, status: "running", tags } });
    const listed = await second.fetch(`/vercel/v2/sandboxes?limit=10`);
    expect(listed.url).toBe("http://localhost/vercel/v2/sandboxes?limit=10");
    expect(await listed.json()).toMatchObject({ sandboxes: [{ name, tags }] });
    const again = await second.fetch("/vercel/v2/sandboxes", post({ name }));
    expect(again.status).toBe(409);
    const gone = await second.fetch(`/vercel/v2/sandboxes/${name}`, { method: "DELETE" });
    expect(gone.status).toBe(200);
    expect((await first.fetch(`/vercel/v2/sandboxes/${name}`)).status).toBe(404);
  });

  test("has nothing but the sandbox API", async () => {
    const answer = await opened(cloud).fetch("/sandlot/status");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: {
        code: "not_found",
        message: `There is nothing at /sandlot/status: the cloud of ${cloud} has the sandbox API alone, below /vercel.`,
      },
    });
  });
});

test.each([
  ["e2b", "E2B_API_KEY"],
  ["daytona", "DAYTONA_API_KEY"],
] as const)("says which key %s wants when there is none", async (cloud, variable) => {
  vi.stubEnv(variable, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(opened(cloud).fetch("/vercel/v2/sandboxes?limit=1")).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringContaining(variable),
  });
});
