import { randomUUID } from "node:crypto";
import { Sandbox } from "sandlot";
import { daemonStatus, readSettings } from "sandlot/host";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect, type Connection, daemonPid, deleting, forEachTransport } from "../harness.ts";
import { proves } from "../proves.ts";
import { waitForOutput } from "../texts.ts";
import { startProgram } from "./programs.ts";

describe("many callers", () => {
  let connection: Connection & AsyncDisposable;
  beforeAll(async () => {
    connection = await connect("daemon");
  });
  afterAll(async () => {
    await connection[Symbol.asyncDispose]();
  });

  proves("FLT-006", "FLT-011", "SBX-034")(
    "that race on one name share one sandbox and one daemon",
    async () => {
      // No daemon runs yet: whoever comes first starts it.
      expect(await daemonStatus(readSettings())).toBeUndefined();
      const name = `race-${randomUUID().slice(0, 8)}`;
      await using stack = new AsyncDisposableStack();
      const programs = Array.from({ length: 5 }, () =>
        stack.use(startProgram("get-or-create", name, "10")),
      );
      const outputs = await Promise.all(programs.map((program) => program.output()));
      const answers = outputs.flatMap((output) => JSON.parse(output) as { sessionId?: string }[]);
      expect(answers).toHaveLength(50);
      const [first] = answers;
      expect(answers).toEqual(answers.map(() => ({ sessionId: first?.sessionId })));
      await using sandbox = deleting(await Sandbox.get({ name }));
      expect(sandbox.currentSession().sessionId).toBe(first?.sessionId);
      expect((await sandbox.listSessions()).sessions).toHaveLength(1);
    },
    { timeoutMs: 120_000 },
  );

  proves("FLT-008")(
    "lose nothing when one of them disappears in the middle of a stream",
    async () => {
      await using sandbox = await connection.create();
      const command = await sandbox.runCommand({
        cmd: "sh",
        args: ["-c", "i=0; until [ -e go ]; do echo $i; i=$((i+1)); sleep 0.005; done; echo last"],
        detached: true,
      });
      const reader = startProgram("follow-command", sandbox.name, command.cmdId);
      await reader.prints("10\n");
      await reader.kill();
      await waitForOutput(command, "\n60\n");
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      const finished = await command.wait();
      expect(finished.exitCode).toBe(0);
      const lines = (await finished.stdout()).trimEnd().split("\n");
      expect(lines.pop()).toBe("last");
      expect(lines.findIndex((line, index) => line !== String(index))).toBe(-1);
    },
  );

  proves("FLT-013")("take no sandbox with them when they die", async () => {
    const name = `orphan-${randomUUID().slice(0, 8)}`;
    const maker = startProgram("make-and-stay", name);
    const commandId = (await maker.prints("\n")).trim();
    const before = await daemonPid(connection.settings);
    await maker.kill();
    expect(await daemonPid(connection.settings)).toBe(before);
    await using sandbox = deleting(await Sandbox.get({ name }));
    expect(sandbox.status).toBe("running");
    await sandbox.writeFiles([{ path: "go", content: "" }]);
    const finished = await (await sandbox.getCommand(commandId)).wait();
    expect(finished.exitCode).toBe(6);
    expect(await finished.stdout()).toBe("went on\n");
  });

  proves("FLT-009")(
    "that load the library anew keep one engine and their sockets",
    async () => {
      await using sandbox = await connection.create();
      await using program = startProgram("reload", sandbox.name, "60");
      const told = JSON.parse(await program.output()) as Record<string, number>;
      // What it is about happened: each time it was another copy of the classes.
      expect(told["copies"]).toBe(60);
      expect(told["engines"]).toBe(1);
      expect(told["after"]).toBeLessThanOrEqual((told["before"] ?? 0) + 1);
    },
    { timeoutMs: 120_000 },
  );
});

forEachTransport((current) => {
  describe("a thousand commands", () => {
    proves("FLT-007")(
      "all end as they should, and are all listed",
      async () => {
        await using sandbox = await current().create();
        const codes = Array.from({ length: 1_000 }, (_, index) => index % 7);
        const waiting = codes.entries();
        const worker = async () => {
          for (const [index, code] of waiting) {
            const result = await sandbox.runCommand("sh", ["-c", `echo ${index}; exit ${code}`]);
            expect(result.exitCode).toBe(code);
            expect(await result.stdout()).toBe(`${index}\n`);
          }
        };
        await Promise.all(Array.from({ length: 12 }, worker));
        const listed = await current().commandsOf(sandbox);
        expect(listed).toHaveLength(1_000);
        const count = (all: (number | null)[], code: number) =>
          all.filter((one) => one === code).length;
        const ended = listed.map(({ exitCode }) => exitCode);
        for (let code = 0; code < 7; code++) expect(count(ended, code)).toBe(count(codes, code));
      },
      { timeoutMs: 120_000 },
    );
  });
});
