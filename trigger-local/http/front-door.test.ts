import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:http2";
import { expect, test } from "vitest";
import { triggerRun } from "../engine/trigger-run.ts";
import { registerTasks } from "../testing/memory-platform.ts";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { startPlatform } from "../platform.ts";
import { messageFrame } from "../s2/frames.ts";

// AppendInput { records: [{ body: "hi" }] }
const APPEND = Buffer.from("0a041a026869", "hex");

async function temporaryPlatform() {
  const directory = await temporaryDirectory();
  const platform = await startPlatform({ stateFolder: directory.path });
  return {
    ...platform,
    async [Symbol.asyncDispose]() {
      await platform[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const sent = request(url, { headers });
  sent.end();
  const [answer] = await once(sent, "response");
  answer.resume();
  return answer.statusCode;
}

test("answers HTTP/1.1 and HTTP/2 on one port", async () => {
  await using platform = await temporaryPlatform();
  const authorization = `Bearer ${platform.keys.secretKey}`;
  expect(await statusOf(`${platform.url}/api/v2/whoami`, { authorization })).toBe(200);
  const session = connect(platform.url);
  const append = async (key: string) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/streams/a%2Fb/records",
      authorization: key,
      "content-type": "s2s/proto",
    });
    stream.end(messageFrame(APPEND));
    const [headers] = await once(stream, "response");
    stream.resume();
    await once(stream, "close");
    return headers[":status"];
  };
  expect(await append(authorization)).toBe(200);
  expect(await append("Bearer another")).toBe(401);
  expect(platform.engine.streams.read("a/b", 0, 100).map(({ body }) => body)).toEqual(["hi"]);
  session.close();
});

test("answers nobody who comes by another name or from another site", async () => {
  await using platform = await temporaryPlatform();
  const authorization = `Bearer ${platform.keys.secretKey}`;
  const url = `${platform.url}/api/v2/whoami`;
  expect(await statusOf(url, { authorization, host: "evil.example" })).toBe(403);
  expect(await statusOf(url, { authorization, origin: "http://evil.example" })).toBe(403);
  expect(await statusOf(url, { authorization, "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await statusOf(url, {})).toBe(401);
});

test("says which port is taken", async () => {
  await using platform = await temporaryPlatform();
  await using directory = await temporaryDirectory();
  const port = Number(new URL(platform.url).port);
  await expect(startPlatform({ stateFolder: directory.path, port })).rejects.toThrow(
    `The platform cannot listen on port ${port}`,
  );
});

test("hands no run to a CLI that has gone while it waited for one", async () => {
  await using platform = await temporaryPlatform();
  const { engine } = platform;
  const worker = registerTasks(engine, [{ id: "task" }]);
  const headers = { authorization: `Bearer ${platform.keys.secretKey}` };
  const asked = request(`${platform.url}/engine/v1/dev/dequeue`, { method: "POST", headers });
  asked.on("error", () => {});
  asked.end(JSON.stringify({ currentWorker: worker.id, oldWorkers: [] }));
  await once(asked, "finish");
  // Answered after it, by the same process: it waits by now.
  expect(await statusOf(`${platform.url}/engine/v1/dev/config`, headers)).toBe(200);
  const closed = new Promise((resolve) => asked.once("close", resolve));
  asked.destroy();
  await closed;
  expect(await statusOf(`${platform.url}/engine/v1/dev/config`, headers)).toBe(200);
  const { run } = triggerRun(engine, { task: "task", body: {} });
  expect(await statusOf(`${platform.url}/engine/v1/dev/config`, headers)).toBe(200);
  expect(run.snapshot.executionStatus).toBe("QUEUED");
});
