import { expect, test } from "vitest";
import { patchedFetch } from "./patched-fetch.ts";

/** A fetch that must not be reached, and tells what it was asked for. */
function outside() {
  const asked: string[] = [];
  const fetch = patchedFetch(async (input) => {
    asked.push(new Request(input).url);
    return new Response("outside");
  });
  return { asked, fetch };
}

test("answers in the vendor's stead what its clients ask on the way", async () => {
  const { asked, fetch } = outside();
  const json = async (url: string, init?: { method: string }) => {
    const response = await fetch(url, init);
    return response.status === 204
      ? undefined
      : ((await response.json()) as Record<string, unknown>);
  };
  expect(await json("https://vercel.com/api/v2/user")).toMatchObject({
    user: { username: "sandlot" },
  });
  expect(await json("https://vercel.com/api/v2/teams?limit=20")).toMatchObject({
    teams: [{ id: "team_sandlot" }],
    pagination: { next: null },
  });
  expect(await json("https://vercel.com/api/v2/teams/any")).toMatchObject({ slug: "sandlot" });
  expect(await json("https://vercel.com/api/v2/projects/any?slug=x")).toMatchObject({
    name: "local",
  });
  expect(
    await json("https://vercel.com/api/v11/projects?slug=x", { method: "POST" }),
  ).toMatchObject({
    id: "prj_sandlot",
  });
  const renewal =
    "https://api.vercel.com/v1/projects/prj_x/token?source=vercel-oidc-refresh&teamId=t";
  const { token } = (await json(renewal, { method: "POST" })) as { token: string };
  const { exp } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as {
    exp: number;
  };
  // The clients keep it on disk, where programs find it that use the real cloud.
  expect(exp * 1_000 - Date.now()).toBeLessThanOrEqual(600_000);
  expect(
    await json("https://telemetry.vercel.com/api/sandbox-cli/v1/events", { method: "POST" }),
  ).toBeUndefined();
  expect(asked).toEqual([]);
});

test("lets nothing out that is addressed to a sandbox it does not know", async () => {
  const { asked, fetch } = outside();
  const response = await fetch("https://sb-0123456789ab.vercel.run/page");
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "SANDBOX_NOT_FOUND" } });
  expect(asked).toEqual([]);
});

test.each([
  "https://vercel.com/",
  "https://vercel.com/api/v6/deployments",
  "https://api.vercel.com/v9/projects",
  "https://api.vercel.com/v1/projects/p/token",
  "https://my-app.vercel.run/",
  "https://vercel.com.example/api/v2/sandboxes",
  "https://example.com/api/v2/sandboxes",
  "http://vercel.com/api/v2/sandboxes",
  "https://127.0.0.1/health",
  "data:text/plain,hello",
])("lets %s go where it was sent", async (url) => {
  const { asked, fetch } = outside();
  expect(await (await fetch(url)).text()).toBe("outside");
  expect(await (await fetch(new Request(url))).text()).toBe("outside");
  expect(await (await fetch(new URL(url))).text()).toBe("outside");
  expect(asked).toEqual([url, url, url]);
});
