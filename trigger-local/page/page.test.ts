import { expect, test } from "vitest";
import { appendToStream } from "../engine/stream-waits.ts";
import { triggerRun } from "../engine/trigger-run.ts";
import { runStreamName } from "../protocol/stream-names.ts";
import { memoryPlatform } from "../testing/memory-platform.ts";
import { pageAddress } from "./page-routes.ts";

const EVIL = "<script>alert(1)</script>";

test("shows runs to who has the key, and what is in them as text", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const { run } = triggerRun(engine, {
    task: EVIL,
    body: {
      payload: JSON.stringify({ evil: EVIL }),
      options: { tags: [EVIL], metadata: { evil: EVIL } },
    },
  });
  expect((await platform.ask("/")).status).toBe(401);
  const address = new URL(pageAddress(platform.url(), platform.keys.secretKey));
  const welcome = await platform.ask(`${address.pathname}${address.search}`);
  expect(welcome.status).toBe(302);
  const cookie = String(welcome.headers.get("set-cookie"));
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  const headers = { cookie: cookie.split(";")[0]! };
  for (const path of ["/", "/page/runs", `/page/runs/${run.id}`, `/page/runs/${run.id}/details`]) {
    const text = await (await platform.ask(path, { headers })).text();
    expect(text).toContain("&lt;script&gt;");
    expect(text).not.toContain(EVIL);
  }
});

test("follows what a run writes", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const { run } = triggerRun(engine, { task: "task", body: {} });
  const stream = runStreamName(run.id, "output");
  const write = (data: unknown) =>
    appendToStream(engine, stream, [{ body: JSON.stringify({ data }) }]);
  write({ fd: 1, data: "first\n" });
  const address = new URL(pageAddress(platform.url(), platform.keys.secretKey));
  const welcome = await platform.ask(`${address.pathname}${address.search}`);
  const cookie = String(welcome.headers.get("set-cookie")).split(";")[0]!;
  const answer = await platform.ask(`/page/runs/${run.id}/streams/output`, { headers: { cookie } });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  const until = async (text: string) => {
    while (!seen.includes(text)) seen += (await reader.read()).value ?? "";
  };
  await until(String.raw`data: "first\n"`);
  write("plain text");
  await until('id: 1\nevent: text\ndata: "plain text"');
  write({ end: true, code: 0 });
  await until(String.raw`data: "{\"end\":true,\"code\":0}\n"`);
  await reader.cancel();
  expect(seen.match(/^id: .*$/gm)).toEqual(["id: 0", "id: 1", "id: 2"]);
});
