import { runs, tasks } from "@trigger.dev/sdk";
import type { CommandRecord } from "sandlot/contract";
import { expect, test } from "vitest";
import { finished } from "../../trigger-local/testing/sdk-client.ts";
import { readCommandOutput } from "../read-command-output.ts";
import { runOperation } from "../run-operation.ts";
import { processesNaming } from "./processes.ts";
import { sandbox, shell, succeed, text, waitFor, WORKERS_START_MS } from "./run-operations.ts";

/** What the suite needs of the platform that its runs are on. */
interface OperationsBench {
  /** Ends all processes in which operations run by that signal, as a crash does. */
  killWorkers(signal: NodeJS.Signals): void;
}

interface Suite {
  /** The platform, with the SDK of this process pointed at it. There while tests run. */
  bench: () => OperationsBench;
  /** Where a port of a sandbox is reached, or nothing where nothing leads there. */
  reachable: boolean;
  /** Of the sandboxes' names, so that two suites are not in each other's way. */
  prefix: string;
}

const limits = { timeout: WORKERS_START_MS };

/** What the ten operations must do as runs of real workers, wherever sandboxes live. */
export function operationsSuite({ bench, reachable, prefix }: Suite): void {
  test("a sandbox lives from one run to the next, and each run bears its tag", limits, async () => {
    const sandboxId = `${prefix}-life`;
    const created = await succeed("create-sandbox", { sandboxId, ports: [3000] });
    expect(created.result).toMatchObject({ sandboxId, created: true, status: "running" });
    expect((await runs.retrieve(created.runId)).tags).toEqual([`sandbox:${sandboxId}`]);

    const files = [{ path: "note.txt", content: "wörds\n" }];
    await succeed("write-files", { sandboxId, files });
    const read = await succeed("read-files", { sandboxId, paths: ["note.txt"] });
    expect(read.result.files).toMatchObject([{ ok: true, content: "wörds\n", sizeBytes: 7 }]);

    const background = await succeed("execute-command", {
      ...shell(sandboxId, "cat note.txt; while [ ! -e go ]; do sleep 0.05; done; exit 4"),
      detached: true,
    });
    const command = { sandboxId, commandId: background.result.commandId };
    const status = await succeed("get-command-status", command);
    expect(status.result).toMatchObject({ running: true, exitCode: null });
    await succeed("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
    const waited = await succeed("wait-for-command", { ...command, timeoutMs: 20_000 });
    expect(waited.result).toMatchObject({ finished: true, exitCode: 4 });
    const logs = await succeed("get-command-logs", command);
    expect(logs.result).toMatchObject({
      chunks: [{ stream: "stdout", data: "wörds\n" }],
      complete: true,
    });

    const url = await runOperation("get-sandbox-url", { sandboxId, port: 3000 });
    expect(url.result.ok).toBe(reachable);
    const about = await succeed("get-sandbox-status", { sandboxId });
    expect(about.result).toMatchObject({ status: "running", cwd: "/vercel/sandbox" });
    const gone = await succeed("stop-sandbox", { sandboxId, delete: true });
    expect(gone.result).toMatchObject({ previousStatus: "running", status: "deleted" });
  });

  test(
    "8 MB come live and in order, and a reader that comes back goes on where it was",
    limits,
    async () => {
      await using box = await sandbox(`${prefix}-stream`);
      const lines = 1_200_000;
      const run = await tasks.trigger("execute-command", shell(box.sandboxId, `seq 1 ${lines}`));
      const first: (CommandRecord & { index: number })[] = [];
      for await (const record of readCommandOutput(run.id)) {
        first.push(record);
        if (first.length === 40) break;
      }
      const rest: CommandRecord[] = [];
      for await (const record of readCommandOutput(run.id, { startIndex: first.length })) {
        rest.push(record);
      }
      const expected = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("");
      expect(text([...first, ...rest]) === expected).toBe(true);
      expect(expected.length).toBeGreaterThan(8 * 1024 * 1024);
      expect(rest.at(-1)).toMatchObject({ type: "end", exitCode: 0 });
    },
  );

  test("a cancelled run leaves none of its command's processes", limits, async () => {
    await using box = await sandbox(`${prefix}-cancel`);
    // No other process on this machine has it.
    const mark = `${prefix}-cancel-${process.pid}`;
    const sleeping = `MARK=${mark} sleep 600`;
    const cancel = new AbortController();
    let runId = "";
    const running = runOperation(
      "execute-command",
      shell(box.sandboxId, `${sleeping} & (${sleeping} & wait) & echo begun; wait`),
      {
        signal: cancel.signal,
        onRun: (id) => (runId = id),
        onOutput: (record) => {
          if (record.type !== "output") return;
          expect(processesNaming(mark).length).toBeGreaterThan(1);
          cancel.abort(new Error("enough"));
        },
      },
    );
    await expect(running).rejects.toThrow("enough");
    expect((await runs.retrieve(runId)).status).toBe("CANCELED");
    // The run is over when its worker has ended the command.
    const { result } = await succeed("execute-command", shell(box.sandboxId, "true"));
    expect(result).toMatchObject({ exitCode: 0 });
    expect(processesNaming(mark)).toEqual([]);
  });

  test(
    "after a worker's crash another goes on with its command, and no line is lost or told twice",
    limits,
    async () => {
      await using box = await sandbox(`${prefix}-crash`);
      const { sandboxId } = box;
      const script = `echo start >> starts; echo begun; ${waitFor("go")}; echo over`;
      const run = await tasks.trigger("execute-command", shell(sandboxId, script));
      const records: CommandRecord[] = [];
      for await (const record of readCommandOutput(run.id)) {
        records.push(record);
        if (record.type !== "output" || text(records) !== "begun\n") continue;
        bench().killWorkers("SIGSEGV");
        await succeed("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
      }
      expect(text(records)).toBe("begun\nover\n");
      const { output, attemptCount } = await finished(run.id);
      expect(output).toMatchObject({ ok: true, exitCode: 0, stdout: { text: "begun\nover\n" } });
      expect(attemptCount).toBe(2);
      const starts = await succeed("read-files", { sandboxId, paths: ["starts"] });
      expect(starts.result.files).toMatchObject([{ content: "start\n" }]);
    },
  );

  test(
    "what a worker that was killed ran goes on without it, and is found by its id",
    limits,
    async () => {
      await using box = await sandbox(`${prefix}-killed`);
      const { sandboxId } = box;
      const script = `echo begun; ${waitFor("go")}; echo over`;
      const run = await tasks.trigger("execute-command", shell(sandboxId, script));
      let commandId = "";
      const read = async (): Promise<void> => {
        for await (const record of readCommandOutput(run.id, { silenceSeconds: 1 })) {
          if (record.type === "started") commandId = record.commandId;
          if (record.type === "output") bench().killWorkers("SIGKILL");
        }
      };
      await expect(read()).rejects.toThrow(
        /ended as CRASHED .* read the rest with get-command-logs/,
      );
      const command = { sandboxId, commandId };
      const status = await succeed("get-command-status", command);
      expect(status.result).toMatchObject({ running: true });
      await succeed("write-files", { sandboxId, files: [{ path: "go", content: "" }] });
      await succeed("wait-for-command", { ...command, timeoutMs: 20_000 });
      const logs = await succeed("get-command-logs", command);
      expect(logs.result.chunks.map(({ data }) => data).join("")).toBe("begun\nover\n");
    },
  );

  test("two runs that create the same sandbox at once make one", limits, async () => {
    const sandboxId = `${prefix}-twice`;
    const both = await Promise.all([
      succeed("create-sandbox", { sandboxId }),
      succeed("create-sandbox", { sandboxId }),
    ]);
    expect(both.filter(({ result }) => result.created)).toHaveLength(1);
    await succeed("stop-sandbox", { sandboxId, delete: true });
  });

  test(
    "a payload that cannot be used is answered by a sentence that reaches the caller",
    limits,
    async () => {
      // As a program without types would send it.
      const run = await tasks.trigger("execute-command", { sandboxId: `${prefix}-bad`, cmd: 7 });
      const { output, status } = await finished(run.id);
      expect({ status, output }).toMatchObject({
        status: "COMPLETED",
        output: { ok: false, error: { code: "invalid_request", field: "cmd" } },
      });
      const none = await runOperation("get-sandbox-status", { sandboxId: `${prefix}-none` });
      expect(none.result).toMatchObject({ ok: false, error: { code: "sandbox_not_found" } });
    },
  );
}
