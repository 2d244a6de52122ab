import { expect, test } from "vitest";
import { scriptedE2b } from "../../../testing/scripted-e2b.ts";

test("what was asked of a sandbox is told as its log", async () => {
  const { call, engine } = scriptedE2b();
  const made = (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  const command = await engine.commands.start(session.id, { cmd: "echo", args: ["one two"] });
  await engine.commands.wait(session.id, command.id);
  const { json } = await call("GET", `/v2/sandboxes/${made.sandboxID}/logs`);
  const messages = json.logs.map((entry: { message: string }) => entry.message);
  expect(messages[0]).toBe("echo one two");
  expect(messages.at(-1)).toBe("ended with exit code 0");
  const found = await call("GET", `/v2/sandboxes/${made.sandboxID}/logs?search=ended&limit=1`);
  expect(found.json.logs).toHaveLength(1);
  const old = await call("GET", `/sandboxes/${made.sandboxID}/logs?limit=1`);
  expect(old.json.logs).toEqual([{ timestamp: expect.any(String), line: "echo one two" }]);
});

test("of a long log the earliest or the latest lines are told, and one that leaves ends its reading", async () => {
  const { call, engine, commands, face } = scriptedE2b();
  const made = (await call("POST", "/v2/sandboxes", { templateID: "base" })).json;
  const { session } = await engine.sandboxes.byId(made.sandboxID);
  commands.scripts.set("count", (process) => {
    for (let line = 1; line <= 5_000; line += 1) process.write("stdout", `line ${line}\n`);
    process.exit(0);
  });
  await engine.commands.start(session.id, { cmd: "count" });
  const told = async (query: string) => {
    const { json } = await call("GET", `/v2/sandboxes/${made.sandboxID}/logs?search=line&${query}`);
    return json.logs.map(({ message }: { message: string }) => message);
  };
  expect(await told("limit=3")).toEqual(["line 1", "line 2", "line 3"]);
  expect(await told("limit=2&direction=backward")).toEqual(["line 5000", "line 4999"]);
  expect(await told("")).toHaveLength(1_000);

  const { promise: reading, resolve } = Promise.withResolvers<AbortSignal | undefined>();
  engine.commands.output = async function* (_session, _command, options) {
    resolve(options?.signal);
    await new Promise((_never, reject) => {
      options?.signal?.addEventListener("abort", () => reject(new Error("left")));
    });
    yield* [];
  };
  const leave = new AbortController();
  const url = `http://face.test/sandboxes/${made.sandboxID}/logs`;
  const asked = face.fetch(new Request(url, { signal: leave.signal }));
  const signal = await reading;
  leave.abort(new Error("the caller left"));
  await expect(asked).rejects.toThrow("the caller left");
  expect(signal?.aborted).toBe(true);
});
