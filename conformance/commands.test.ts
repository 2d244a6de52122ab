import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { processesWith, uniqueSeconds } from "./processes.ts";
import { proves } from "./proves.ts";
import { waitForOutput } from "./texts.ts";

forEachTransport((connection) => {
  describe("running", () => {
    proves("CMD-001")("gives stdout, stderr and the exit code", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("sh", ["-c", "echo out; echo err >&2; exit 3"]);
      expect(result.exitCode).toBe(3);
      expect(await result.stdout()).toBe("out\n");
      expect(await result.stderr()).toBe("err\n");
    });

    proves("CMD-002")("gives any exit code", async () => {
      await using sandbox = await connection().create();
      for (const code of [0, 1, 2, 42, 126, 200, 255]) {
        const { exitCode } = await sandbox.runCommand("sh", ["-c", `exit ${code}`]);
        expect(exitCode).toBe(code);
      }
    });

    proves("CMD-003", "CMD-052")("passes arguments as they are", async () => {
      await using sandbox = await connection().create();
      const args = [
        "two words",
        "",
        "$HOME `id` $(id)",
        "*",
        "\"double\" and 'single'",
        "a\nb\tc\\n",
        "--flag=1;2|3&4>5",
        "日本語 ✓ é",
      ];
      const script = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";
      const result = await sandbox.runCommand("node", ["-e", script, "--", ...args]);
      expect(JSON.parse(await result.stdout())).toEqual(args);
    });

    proves("CMD-004", "CMD-005")(
      "refuses a program that is not there, and a shell line",
      async () => {
        await using sandbox = await connection().create();
        for (const cmd of ["no-such-program-here", "echo hello", "/no/such/program"]) {
          const refused = await rejection(sandbox.runCommand(cmd));
          expect(refused).toMatchObject({ response: { status: 400 } });
          expect(refused.message).toContain(cmd);
        }
      },
    );

    proves("CMD-006")("exits with 127 when a shell finds no program", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("sh", ["-c", "no-such-program-here"]);
      expect(result.exitCode).toBe(127);
    });

    proves("CMD-007", "CMD-051")("sets variables, the command's above the sandbox's", async () => {
      await using sandbox = await connection().create({ env: { BOTH: "sandbox", FIRST: "1" } });
      const result = await sandbox.runCommand({
        cmd: "sh",
        args: ["-c", "sh -c 'echo \"$BOTH $FIRST $SECOND\"'"],
        env: { BOTH: "command", SECOND: "2 and more" },
      });
      expect(await result.stdout()).toBe("command 1 2 and more\n");
    });

    proves("CMD-008")("forgets what a command exported", async () => {
      await using sandbox = await connection().create();
      await sandbox.runCommand("sh", ["-c", "export LEFT_OVER=1"]);
      const result = await sandbox.runCommand("sh", ["-c", "echo ${LEFT_OVER:-unset}"]);
      expect(await result.stdout()).toBe("unset\n");
    });

    proves("CMD-009")("runs in the directory it is given", async () => {
      await using sandbox = await connection().create();
      await sandbox.runCommand("mkdir", ["-p", "below/deep"]);
      const absolute = await sandbox.runCommand({ cmd: "pwd", cwd: "/tmp" });
      expect((await absolute.stdout()).trim()).toMatch(/\/tmp$/);
      const relative = await sandbox.runCommand({ cmd: "pwd", cwd: "below/deep" });
      expect((await relative.stdout()).trim()).toMatch(/\/vercel\/sandbox\/below\/deep$/);
    });

    proves("CMD-010")("refuses a directory that is not there", async () => {
      await using sandbox = await connection().create();
      const refused = await rejection(sandbox.runCommand({ cmd: "pwd", cwd: "/tmp/nowhere" }));
      expect(refused).toMatchObject({ response: { status: 400 } });
    });

    proves("CMD-034")("tells a command's id, directory, start and duration", async () => {
      await using sandbox = await connection().create();
      const before = Date.now();
      const result = await sandbox.runCommand("true");
      expect(result.cmdId).toMatch(/^cmd_\w+$/);
      expect(result.cwd).toBe("/vercel/sandbox");
      expect(result.startedAt).toBeGreaterThanOrEqual(before - 1);
      expect(result.startedAt).toBeLessThanOrEqual(Date.now());
      expect(result.durationMs).toBeGreaterThanOrEqual(0);
    });

    proves("CMD-038")("gives a command nothing to read", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("cat");
      expect(result.exitCode).toBe(0);
      expect(await result.output("both")).toBe("");
    });

    proves("CMD-039")("does not wait for what a command left in the background", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("sh", ["-c", "sleep 600 & echo started"]);
      expect(result.exitCode).toBe(0);
      expect(await result.stdout()).toBe("started\n");
    });

    proves("CMD-040")("tells by which signal a command ended itself", async () => {
      await using sandbox = await connection().create();
      for (const [signal, exitCode] of [
        ["HUP", 129],
        ["ABRT", 134],
        ["KILL", 137],
        ["TERM", 143],
      ] as const) {
        const result = await sandbox.runCommand("sh", ["-c", `kill -${signal} $$`]);
        expect(result.exitCode).toBe(exitCode);
      }
    });

    proves("CMD-041")("keeps many commands at once apart", async () => {
      await using sandbox = await connection().create();
      const outputs = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const line = `for i in 1 2 3 4 5; do echo ${index}; done; exit ${index}`;
          const result = await sandbox.runCommand("sh", ["-c", line]);
          return { exitCode: result.exitCode, output: await result.stdout() };
        }),
      );
      expect(outputs).toEqual(
        Array.from({ length: 20 }, (_, index) => ({
          exitCode: index,
          output: `${index}\n`.repeat(5),
        })),
      );
    });

    proves("CMD-053")("runs a shell's jobs", async () => {
      await using sandbox = await connection().create();
      const line =
        "(until [ -e first ]; do sleep 0.01; done; echo second) & " +
        "(echo first; touch first) & wait; echo done $((1 << 40))";
      const result = await sandbox.runCommand("bash", ["-c", line]);
      expect(await result.stdout()).toBe("first\nsecond\ndone 1099511627776\n");
    });
  });

  describe("output", () => {
    proves(
      "CMD-013",
      "CMD-014",
      "CMD-015",
      "CMD-054",
    )("replays to every reader from the first line, then follows", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({
        cmd: "sh",
        args: ["-c", "echo first; while [ ! -e go ]; do sleep 0.02; done; echo last"],
        detached: true,
      });
      // The first line is seen while the command waits for what comes after it.
      await waitForOutput(command, "first\n");
      const readers = [1, 2, 3].map(async () => {
        let seen = "";
        for await (const { stream, data } of command.logs()) seen += `${stream}:${data}`;
        return seen;
      });
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      const late = await command.wait().then((finished) => finished.stdout());
      for (const seen of await Promise.all(readers)) {
        expect(seen.replaceAll("stdout:", "")).toBe("first\nlast\n");
      }
      expect(late).toBe("first\nlast\n");
    });

    proves("CMD-016", "CMD-050")(
      "feeds a foreground command's sinks as it goes, and its result",
      async () => {
        await using sandbox = await connection().create();
        const { Writable } = await import("node:stream");
        const seen: string[] = [];
        const sink = (name: string) =>
          new Writable({
            write(chunk: Buffer, _encoding, done) {
              seen.push(`${name}:${chunk.toString()}`);
              // The command waits until its first line has come this far.
              if (name === "err") return done();
              sandbox.writeFiles([{ path: "go", content: "" }]).then(() => done(), done);
            },
          });
        const result = await sandbox.runCommand({
          cmd: "sh",
          args: ["-c", "echo one; until [ -e go ]; do sleep 0.02; done; echo two >&2"],
          stdout: sink("out"),
          stderr: sink("err"),
        });
        expect(seen).toEqual(["out:one\n", "err:two\n"]);
        expect(await result.stdout()).toBe("one\n");
        expect(await result.stderr()).toBe("two\n");
      },
    );

    proves("CMD-017")("feeds a detached command's sinks in the background", async () => {
      await using sandbox = await connection().create();
      const stdout = new PassThrough();
      const arrived = once(stdout, "data");
      const args = ["-c", "echo from the background; sleep 600"];
      const command = await sandbox.runCommand({ cmd: "sh", args, detached: true, stdout });
      expect(command.exitCode).toBeNull();
      expect(String((await arrived)[0])).toBe("from the background\n");
      await command.kill("SIGKILL");
    });

    proves("CMD-018", "CMD-019")("orders both streams as the vendor does", async () => {
      await using sandbox = await connection().create();
      const wait = (file: string) => `until [ -e ${file} ]; do sleep 0.02; done`;
      const script = `echo one; ${wait("a")}; echo two >&2; ${wait("b")}; echo three`;
      const args = ["-c", script];
      const detached = await sandbox.runCommand({ cmd: "sh", args, detached: true });
      await waitForOutput(detached, "one\n");
      await sandbox.writeFiles([{ path: "a", content: "" }]);
      await waitForOutput(detached, "two\n");
      await sandbox.writeFiles([{ path: "b", content: "" }]);
      expect(await (await detached.wait()).output("both")).toBe("one\ntwo\nthree\n");
      const foreground = await sandbox.runCommand("sh", args);
      expect(await foreground.output("both")).toBe("one\nthree\ntwo\n");
    });

    proves("CMD-035")("never cuts a character", async () => {
      await using sandbox = await connection().create();
      // The euro sign has three bytes, the flag eight; each byte is written by itself.
      const script = `
        const bytes = Buffer.from("€🇪🇺é!".repeat(3));
        const next = (i) => i < bytes.length &&
          process.stdout.write(bytes.subarray(i, i + 1), () => setTimeout(next, 2, i + 1));
        next(0);`;
      const command = await sandbox.runCommand({
        cmd: "node",
        args: ["-e", script],
        detached: true,
      });
      let seen = "";
      for await (const { data } of command.logs()) {
        expect(data).not.toContain("\uFFFD");
        seen += data;
      }
      expect(seen).toBe("€🇪🇺é!".repeat(3));
    });

    proves("CMD-036")("replaces what is no UTF-8", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("printf", ["a\\377\\376b\\n"]);
      expect(result.exitCode).toBe(0);
      expect(await result.stdout()).toBe("a\uFFFD\uFFFDb\n");
    });

    proves("CMD-037")("carries megabytes, complete and in order", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand("seq", ["1", "1000000"]);
      const output = await result.stdout();
      expect(output.length).toBe(6_888_896);
      const lines = output.trimEnd().split("\n");
      expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
      expect(lines.length).toBe(1_000_000);
    });

    proves("CMD-049")("answers the same when asked again", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "echo", args: ["again"], detached: true });
      const finished = await command.wait();
      expect(await finished.stdout()).toBe("again\n");
      expect(await finished.stdout()).toBe("again\n");
      expect(await finished.output()).toBe("again\n");
      expect(await finished.stderr()).toBe("");
    });

    proves("CMD-045")("stays readable after the session stopped", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand("sh", ["-c", "echo kept; exit 7"]);
      const session = sandbox.currentSession();
      await sandbox.stop();
      const found = await session.getCommand(command.cmdId);
      expect(found.exitCode).toBe(7);
      let output = "";
      for await (const { data } of found.logs()) output += data;
      expect(output).toBe("kept\n");
    });

    proves("CMD-031")("does not know a former session's command in the next one", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand("true");
      await sandbox.stop();
      await sandbox.runCommand("true");
      const missing = await rejection(sandbox.getCommand(command.cmdId));
      expect(missing).toMatchObject({ response: { status: 404 } });
    });
  });

  describe("detached", () => {
    proves(
      "CMD-011",
      "CMD-012",
      "CMD-029",
    )("is answered at once, found by id, waited for", async () => {
      await using sandbox = await connection().create();
      const args = ["-c", "while [ ! -e go ]; do sleep 0.02; done; exit 5"];
      const command = await sandbox.runCommand({ cmd: "sh", args, detached: true });
      expect(command.exitCode).toBeNull();
      const found = await sandbox.getCommand(command.cmdId);
      expect(found.cmdId).toBe(command.cmdId);
      expect(found.exitCode).toBeNull();
      const waiting = found.wait();
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      const finished = await waiting;
      expect(finished.exitCode).toBe(5);
      expect(finished.durationMs).toBeGreaterThan(0);
      expect((await sandbox.getCommand(command.cmdId)).exitCode).toBe(5);
    });

    proves("CMD-030")("is a 404 when it is unknown", async () => {
      await using sandbox = await connection().create();
      const missing = await rejection(sandbox.getCommand("cmd_unknown"));
      expect(missing).toMatchObject({ response: { status: 404 } });
    });

    proves("CMD-033")("does not wait under an aborted signal", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      const aborted = await rejection(command.wait({ signal: AbortSignal.abort() }));
      expect(aborted.name).toBe("AbortError");
      await command.kill("SIGKILL");
    });
  });

  describe("limits of time", () => {
    proves("CMD-020")("kill a foreground command", async () => {
      await using sandbox = await connection().create();
      const result = await sandbox.runCommand({ cmd: "sleep", args: ["600"], timeoutMs: 200 });
      expect(result.exitCode).toBe(137);
    });

    proves("CMD-021")("kill a detached command with nobody watching", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({
        cmd: "sleep",
        args: ["600"],
        detached: true,
        timeoutMs: 200,
      });
      expect((await command.wait()).exitCode).toBe(137);
    });
  });

  describe("signals", () => {
    proves(
      "CMD-022",
      "CMD-023",
      "CMD-024",
      "CMD-025",
    )("end a command as 128 and the number", async () => {
      await using sandbox = await connection().create();
      const sleeping = () => sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      for (const [signal, exitCode] of [
        ["SIGHUP", 129],
        ["SIGINT", 130],
        ["SIGKILL", 137],
        ["SIGTERM", 143],
        [10, 138],
      ] as const) {
        const command = await sleeping();
        await command.kill(signal);
        expect((await command.wait()).exitCode).toBe(exitCode);
      }
      const plain = await sleeping();
      await plain.kill();
      expect((await plain.wait()).exitCode).toBe(143);
    });

    proves("CMD-025")("have names that are checked before any request", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      // @ts-expect-error: no such signal
      await expect(command.kill("SIGNOTHING")).rejects.toThrow(/SIGNOTHING/);
      await command.kill("SIGKILL");
    });

    proves("CMD-026")("halt a command and let it go on", async () => {
      await using sandbox = await connection().create();
      // It starts nothing while it waits: what is halted in the middle of a fork does not count as halted.
      const command = await sandbox.runCommand({
        cmd: "sh",
        args: ["-c", "echo $$; while [ ! -e go ]; do :; done; echo went on"],
        detached: true,
      });
      const first = await waitForOutput(command, "\n");
      await command.kill("SIGSTOP");
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      // The system takes a moment until it is seen.
      const script = 'until [ "$(ps -o state= -p "$0")" = T ]; do sleep 0.02; done; echo stopped';
      const stopped = await sandbox.runCommand("sh", ["-c", script, first.trim()], {
        timeoutMs: 20_000,
      });
      expect(await stopped.stdout()).toBe("stopped\n");
      await command.kill("SIGCONT");
      expect(await (await command.wait()).stdout()).toContain("went on\n");
    });

    proves("CMD-027")("reach the whole tree", async () => {
      await using sandbox = await connection().create();
      // A child, a child that left for a session of its own, and one that lost its parent as well.
      const sleep = `sleep ${uniqueSeconds()}`;
      const script = `${sleep} & setsid ${sleep} & (setsid sh -c '${sleep} & exit' &) ; echo ready; wait`;
      const command = await sandbox.runCommand({
        cmd: "bash",
        args: ["-c", script],
        detached: true,
      });
      await waitForOutput(command, "ready\n");
      await command.kill("SIGKILL");
      await command.wait();
      expect(await processesWith(sandbox, sleep)).toEqual([]);
    });

    proves("CMD-028")("do no harm to a command that has ended", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "true", detached: true });
      expect((await command.wait()).exitCode).toBe(0);
      await command.kill("SIGKILL");
      expect((await sandbox.getCommand(command.cmdId)).exitCode).toBe(0);
    });
  });

  describe("callers that leave", () => {
    proves(
      "CMD-032",
      "API-020",
      "ERR-002",
    )("leave the command running", async () => {
      await using sandbox = await connection().create();
      const { PassThrough } = await import("node:stream");
      const caller = new AbortController();
      const reason = new Error("the caller has had enough");
      const stdout = new PassThrough();
      stdout.once("data", () => caller.abort(reason));
      const call = sandbox.runCommand({
        cmd: "sh",
        args: [
          "-c",
          "echo started; while [ ! -e go ]; do sleep 0.02; done; echo finished > result",
        ],
        stdout,
        signal: caller.signal,
      });
      expect(await rejection(call)).toBe(reason);
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      const [command] = (await connection().commandsOf(sandbox)).slice(-1);
      const finished = await (await sandbox.getCommand(command?.id ?? "")).wait();
      expect(finished.exitCode).toBe(0);
      expect(String(await sandbox.readFileToBuffer({ path: "result" }))).toBe("finished\n");
    });

    proves("CMD-048")("find an exit code after a stop ended the command", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      const session = sandbox.currentSession();
      const [waited, stopped] = await Promise.allSettled([command.wait(), sandbox.stop()]);
      if (waited.status === "rejected") throw waited.reason;
      expect(stopped).toMatchObject({ status: "fulfilled" });
      expect(waited.value.exitCode).toBeGreaterThan(128);
      expect((await session.getCommand(command.cmdId)).exitCode).toBeGreaterThan(128);
    });
  });
});
