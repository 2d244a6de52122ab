import { expect, test } from "vitest";
import { memoryStore } from "../store/memory-store.ts";
import type { Cloud, CloudSandbox } from "./cloud.ts";
import { createCloudEngine } from "./cloud-engine.ts";
import { DAYTONA_CAPABILITIES } from "./daytona/daytona-capabilities.ts";
import { labelsOf } from "./sandbox-label.ts";

const label = { name: "one", createdAt: 1, ports: [], timeoutMs: 60_000, persistent: true };
const RUNNING: CloudSandbox = {
  id: "cloud-id",
  state: "running",
  labels: labelsOf({ ...label, networkPolicy: { mode: "allow-all" } }),
  createdAt: 1,
  startedAt: 1,
  vcpus: 2,
  memoryMb: 4_096,
};
const SESSION = "sbx_cloud-id";

/** An engine on a cloud that has one sandbox, `one`, and does what the test says; `asked` are the changes that came to it. */
function engineOn(words: Partial<Cloud>, found = RUNNING) {
  const asked: string[] = [];
  const note = (word: string) => async () => void asked.push(word);
  // Only what a test asks for is there: anything else fails by name.
  const cloud = {
    name: "daytona",
    capabilities: DAYTONA_CAPABILITIES,
    async *list() {
      yield found;
    },
    find: async (id: string) => (id === found.id ? found : undefined),
    setLabels: note("labels"),
    setNetwork: note("network"),
    setPersistent: note("persistent"),
    ...words,
  } as Partial<Cloud> as Cloud;
  return { engine: createCloudEngine({ cloud, store: memoryStore() }), asked };
}

const failure = (message: string) => async () => Promise.reject(new Error(message));

test("tells of a signal that did not reach the command", async () => {
  const record = { id: "cmd_a", sandboxName: "one", cmd: "sleep", args: ["600"], cwd: "/" };
  const kept = JSON.stringify({ ...record, sudo: true, startedAt: 1 });
  const shown = `${Buffer.from(kept).toString("base64")}|7||alive\nend\n`;
  const { engine } = engineOn({
    run: async (_, line) =>
      line.includes("kill") ? { exitCode: 1, stdout: "7 8\n" } : { exitCode: 0, stdout: shown },
  });
  await expect(engine.commands.kill(SESSION, "cmd_a", 15)).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("Signal 15 was to reach command cmd_a, but did not"),
  });
});

test("writes no change on a sandbox that the cloud did not make", async () => {
  const { engine, asked } = engineOn({ setNetwork: failure("no such network") });
  const change = engine.sandboxes.update("one", { networkPolicy: { mode: "deny-all" } });
  await expect(change).rejects.toThrow("no such network");
  expect(asked).toEqual([]);
});

test("changes what the cloud does before it writes that down", async () => {
  const { engine, asked } = engineOn({});
  await engine.sandboxes.update("one", {
    persistent: false,
    networkPolicy: { mode: "deny-all" },
    tags: { a: "b" },
  });
  await engine.sessions.setNetworkPolicy(SESSION, { mode: "allow-all" });
  expect(asked).toEqual(["network", "persistent", "labels", "network", "labels"]);
  await expect(
    engine.sandboxes.update("one", { tags: { "sandlot-name": "mine" } }),
  ).rejects.toMatchObject({ code: "invalid_request" });
});

test("says why a sandbox could not be made, even if what there is of it cannot be deleted", async () => {
  const { engine } = engineOn({
    async *list() {
      yield* [];
    },
    create: async () => RUNNING,
    run: failure("its shell is broken"),
    remove: failure("it is busy"),
  });
  await expect(engine.sandboxes.create({ name: "two" })).rejects.toThrow("its shell is broken");
});

test("resumes a sandbox once, however many ask for it at the same time", async () => {
  const stopped: CloudSandbox = { ...RUNNING, state: "stopped" };
  let resumed = 0;
  const { engine } = engineOn(
    {
      resume: async () => {
        resumed++;
        return Object.assign(stopped, { state: "running" });
      },
    },
    stopped,
  );
  const asking = [1, 2, 3].map(() => engine.sandboxes.get("one", { resume: true }));
  const views = await Promise.all(asking);
  expect(views.map((view) => view.resumed)).toEqual([true, false, false]);
  expect(resumed).toBe(1);
});

test("forgets a deleted sandbox with its session", async () => {
  const { engine } = engineOn({ remove: async () => undefined });
  await engine.sandboxes.get("one");
  const sessions = () => engine.sessions.list({ sortOrder: "asc", limit: 10 }).items;
  expect(sessions().map(({ id }) => id)).toEqual([SESSION]);
  await engine.sandboxes.delete("one");
  expect(sessions()).toEqual([]);
});
