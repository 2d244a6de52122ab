import { OPERATIONS, SANDBOX_HOST } from "sandlot/contract";
import { expect, test } from "vitest";
import { connect } from "../conformance/harness.ts";
import { BENCH_START_MS } from "../trigger-local/testing/platform-bench.ts";
import { benchOfFile } from "./testing/bench-of-file.ts";
import { deployDryRun } from "./testing/dry-run.ts";
import { operationsSuite } from "./testing/operations-suite.ts";
import { sandbox, shell, succeed, waitFor, WORKERS_START_MS } from "./testing/run-operations.ts";

const file = benchOfFile({ place: () => connect("daemon") });

operationsSuite({ bench: () => file.bench, reachable: true, prefix: "http" });

test(
  "more commands than there are slots for wait for each other, and a short operation for none",
  { timeout: WORKERS_START_MS },
  async () => {
    await using box = await sandbox("http-slots");
    const { sandboxId } = box;
    const waiting = Array.from({ length: 7 }, (_, index) =>
      succeed("execute-command", shell(sandboxId, `${waitFor("go")}; echo ${index}`)),
    );
    // Until all slots are taken, none of the commands ends.
    const about = await succeed("get-sandbox-status", { sandboxId });
    expect(about.result).toMatchObject({ status: "running" });
    await succeed("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
    const ended = await Promise.all(waiting);
    expect(ended.map(({ result }) => result.stdout.text)).toEqual(
      Array.from({ length: 7 }, (_, index) => `${index}\n`),
    );
  },
);

test(
  "when `trigger dev` and the platform were started anew, runs find the sandbox and the command in it",
  { timeout: BENCH_START_MS },
  async () => {
    await using box = await sandbox("http-restart");
    const { sandboxId } = box;
    const command = {
      ...shell(sandboxId, `echo before; ${waitFor("go")}; exit 5`),
      detached: true,
    };
    const { commandId } = (await succeed("execute-command", command)).result;
    await file.bench.platform.restartPlatform();
    await file.bench.platform.restartWorker();
    const about = await succeed("get-command-status", { sandboxId, commandId });
    expect(about.result).toMatchObject({ running: true });
    await succeed("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
    const ended = await succeed("wait-for-command", { sandboxId, commandId, timeoutMs: 20_000 });
    expect(ended.result).toMatchObject({ finished: true, exitCode: 5 });
    const logs = await succeed("get-command-logs", { sandboxId, commandId });
    expect(logs.result.chunks).toEqual([{ stream: "stdout", data: "before\n" }]);
  },
);

const tasks = [...Object.keys(OPERATIONS), SANDBOX_HOST.taskId];

test("the worker has registered every task with its queue and its payload", () => {
  const { metadata } = file.bench.platform.platform.engine.workers.latest ?? {};
  expect(metadata?.tasks.map(({ id }) => id).toSorted()).toEqual(tasks.toSorted());
  const queues = metadata?.queues?.map(({ name, concurrencyLimit }) => [name, concurrencyLimit]);
  expect(queues?.toSorted()).toEqual([
    ["sandbox-commands", 5],
    ["sandbox-host", 10],
    ["sandbox-operations", 5],
  ]);
  const command = metadata?.tasks.find(({ id }) => id === "execute-command");
  expect(command).toMatchObject({
    queue: { name: "sandbox-commands" },
    payloadSchema: { type: "object", required: ["sandboxId", "cmd"] },
  });
});

test(
  "what would be deployed has every task, the library as it is published, and what a sandbox needs",
  { timeout: BENCH_START_MS },
  async () => {
    await using built = await deployDryRun(file.bench);
    const { files, externals } = JSON.parse(await built.read("build.json")) as {
      files: { entry: string }[];
      externals: { name: string; version: string }[];
    };
    const entries = files.map(({ entry }) => entry);
    expect(entries).toEqual(
      expect.arrayContaining(Object.keys(OPERATIONS).map((id) => `trigger/${id}.ts`)),
    );
    expect(entries).toContain("trigger/host/sandbox-host.ts");
    expect(entries.filter((entry) => /test|testing/.test(entry))).toEqual([]);
    const library = built.files.find((file) => /^sandlot-.+\.tgz$/.test(file));
    expect(library).toBeDefined();
    const { dependencies } = JSON.parse(await built.read("package.json")) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies["sandlot"]).toBe(`file:/opt/sandlot/${library}`);
    expect(dependencies["@trigger.dev/sdk"]).toBe("4.8.3");
    expect(externals.map(({ name }) => name)).toContain("sandlot");
    const image = await built.read("Containerfile");
    expect(image).toContain(`COPY ${library} /opt/sandlot/${library}\n`);
    expect(image).toMatch(/apt-get install .* iproute2 uidmap util-linux/);
    expect((await built.indexTasks()).toSorted()).toEqual(tasks.toSorted());
  },
);
