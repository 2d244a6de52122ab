import * as daytona from "@daytona/sdk";
import * as e2b from "e2b";
import { expect, test } from "vitest";
import { DaytonaCloud } from "./daytona/daytona-cloud.ts";
import { E2bCloud } from "./e2b/e2b-cloud.ts";

test("ends a line of e2b's for which nobody waits any more when it has begun", async () => {
  const leaves = new AbortController();
  const ended = Promise.withResolvers<never>();
  const killed: string[] = [];
  const handle = {
    wait: () => ended.promise,
    kill: async () => {
      killed.push("killed");
      ended.reject(new Error("killed"));
    },
  };
  const commands = {
    async run() {
      leaves.abort(new Error("enough"));
      return handle;
    },
  };
  const getInfo = async () => ({ sandboxId: "one", state: "running", startedAt: 0, endAt: 0 });
  const Sandbox = { getInfo, connect: async () => ({ commands }) };
  await using cloud = new E2bCloud({ ...e2b, Sandbox } as unknown as typeof e2b);
  await expect(cloud.run("one", "sleep 600", { signal: leaves.signal })).rejects.toThrow("enough");
  expect(killed).toEqual(["killed"]);
});

test("deletes a sandbox of Daytona's that was made for nobody, and says why", async () => {
  const leaves = new AbortController();
  let deleted = 0;
  class Daytona {
    async create() {
      leaves.abort(new Error("enough"));
      const made = { id: "one", state: "started", labels: {}, cpu: 1, memory: 1 };
      return { ...made, delete: async () => void deleted++ };
    }
    async [Symbol.asyncDispose]() {}
  }
  await using cloud = new DaytonaCloud({ ...daytona, Daytona } as unknown as typeof daytona);
  const creation = {
    name: "one",
    labels: {},
    env: {},
    timeoutMs: 60_000,
    persistent: true,
    network: { mode: "allow-all" } as const,
  };
  await expect(cloud.create(creation, { signal: leaves.signal })).rejects.toThrow("enough");
  expect(deleted).toBe(1);
});
