import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";
import { screen } from "./screen.ts";

forDaytona(
  (daytona) => {
    proves("DAY-020")("a command's output is one text", async () => {
      const { process } = daytona().shared;
      expect(await process.executeCommand("echo hello; echo err >&2; echo bye; exit 3")).toEqual({
        exitCode: 3,
        result: "hello\nerr\nbye\n",
        artifacts: { stdout: "hello\nerr\nbye\n" },
      });
      const there = await process.executeCommand("pwd; echo $FOO", "/tmp", { FOO: "bar" });
      expect(there).toMatchObject({ exitCode: 0, result: expect.stringMatching(/\/tmp\nbar\n$/) });
      const missing = await process.executeCommand("definitely-not-a-binary");
      expect(missing).toMatchObject({ exitCode: 127 });
      expect((await process.executeCommand("cat <<E\n$HOME\nE")).result).toMatch(
        /home\/daytona\n$/,
      );
    });

    proves("DAY-021")("a command that outlasts its time", async () => {
      const { process } = daytona().shared;
      const late = await rejection(process.executeCommand("sleep 60", undefined, undefined, 1));
      expect(late).toMatchObject({
        name: "DaytonaProcessExecutionTimeoutError",
        message: "command execution timeout",
        statusCode: 408,
        code: "PROCESS_EXECUTION_TIMEOUT",
        source: "DAYTONA_DAEMON",
      });
    });

    proves("DAY-022")("code runs with arguments and variables", async () => {
      const { shared, client } = daytona();
      const code = 'import sys, os; print(sys.argv[1:], os.environ.get("Z")); sys.exit(4)';
      const ran = await shared.process.codeRun(code, { argv: ["a", "-b"], env: { Z: "z" } });
      expect(ran).toEqual({
        exitCode: 4,
        result: "['a', '-b'] z\n",
        artifacts: { stdout: "['a', '-b'] z\n", charts: [] },
      });
      const script = await client.create({ language: "javascript" });
      try {
        const { result } = await script.process.codeRun("console.log(process.argv.slice(1))", {
          argv: ["-x"],
        });
        expect(result).toBe("[ '-x' ]\n");
      } finally {
        await script.delete();
      }
    });

    proves("DAY-030")("a session is one shell", async () => {
      const { process } = daytona().shared;
      await process.createSession("state");
      expect(await process.getSession("state")).toEqual({ sessionId: "state", commands: [] });
      const set = await process.executeSessionCommand("state", {
        command: "export A=1; cd /usr; f() { echo from f; }; false",
      });
      expect(set).toEqual({
        cmdId: expect.any(String),
        exitCode: 1,
        output: "",
        stdout: "",
        stderr: "",
      });
      const used = await process.executeSessionCommand("state", {
        command: "echo $A $PWD; f >&2; printf 'no end'",
      });
      expect(used).toMatchObject({
        exitCode: 0,
        stdout: "1 /usr\nno end",
        stderr: "from f\n",
      });
      expect(used.output).toContain("\u0001\u0001\u00011 /usr\n");
      expect(used.output).toContain("\u0002\u0002\u0002from f\n");
      expect((await process.listSessions()).map(({ sessionId }) => sessionId)).toContain("state");
      const { commands } = await process.getSession("state");
      expect(commands.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
      const taken = await rejection(process.createSession("state"));
      expect(taken.name).toBe("DaytonaConflictError");
      await process.deleteSession("state");
      expect((await process.listSessions()).map(({ sessionId }) => sessionId)).not.toContain(
        "state",
      );
    });

    proves("DAY-031", "DAY-032")("a line is followed, and takes input", async () => {
      const { process } = daytona().shared;
      await process.createSession("live");
      const command = "for i in 1 2; do read line; echo out $line; echo err $line >&2; done";
      const started = await process.executeSessionCommand("live", {
        command,
        runAsync: true,
        suppressInputEcho: true,
      });
      expect(started).toEqual({
        cmdId: expect.any(String),
        output: null,
        stdout: "",
        stderr: "",
        exitCode: null,
      });
      const { cmdId } = started;
      expect(await process.getSessionCommand("live", cmdId)).toEqual({ id: cmdId, command });
      const out: string[] = [];
      const err: string[] = [];
      const firstErr = Promise.withResolvers<void>();
      const followed = process.getSessionCommandLogs(
        "live",
        cmdId,
        (text) => out.push(text),
        (text) => {
          err.push(text);
          firstErr.resolve();
        },
      );
      await process.sendSessionCommandInput("live", cmdId, "one\n");
      // The first answer is seen before the second question is asked.
      await firstErr.promise;
      await process.sendSessionCommandInput("live", cmdId, "two\n");
      await followed;
      expect({ out, err }).toEqual({
        out: ["out one\n", "out two\n"],
        err: ["err one\n", "err two\n"],
      });
      expect(await process.getSessionCommandLogs("live", cmdId)).toMatchObject({
        stdout: "out one\nout two\n",
        stderr: "err one\nerr two\n",
      });
      const late = await rejection(process.sendSessionCommandInput("live", cmdId, "three\n"));
      expect(late.name).toBe("DaytonaCommandAlreadyCompletedError");
      await process.deleteSession("live");
    });

    proves("DAY-033")("a session whose shell has ended takes no more lines", async () => {
      const { process } = daytona().shared;
      await process.createSession("ends");
      const bye = await process.executeSessionCommand("ends", { command: "echo bye; exit 7" });
      expect(bye).toMatchObject({ exitCode: 7, stdout: "bye\n" });
      await expect
        .poll(() => rejection(process.executeSessionCommand("ends", { command: "true" })))
        .toMatchObject({
          name: "DaytonaSessionEndedError",
          message: "session process has exited",
          statusCode: 410,
          code: "SESSION_ENDED",
          source: "DAYTONA_DAEMON",
        });
      const unknown = await rejection(process.getSession("nowhere"));
      expect(unknown).toMatchObject({
        name: "DaytonaProcessNotFoundError",
        message: "session not found",
        statusCode: 404,
        code: "PROCESS_NOT_FOUND",
        source: "DAYTONA_DAEMON",
      });
    });

    proves("DAY-034")("what is left in the background goes on", async () => {
      const { process } = daytona().shared;
      await process.createSession("background");
      const left = await process.executeSessionCommand("background", {
        command:
          "rm -f /tmp/go /tmp/went; mkfifo /tmp/go; { read x < /tmp/go; echo $x > /tmp/went; } &",
      });
      expect(left.exitCode).toBe(0);
      const next = await process.executeSessionCommand("background", {
        command: "echo on > /tmp/go; wait; cat /tmp/went",
      });
      expect(next.stdout).toBe("on\n");
      await process.deleteSession("background");
    });

    proves("DAY-035")("a plain sandbox starts nothing by itself", async () => {
      const { process } = daytona().shared;
      expect(await process.getEntrypointSession()).toEqual({
        sessionId: "entrypoint",
        commands: [],
      });
      expect(await process.getEntrypointLogs()).toEqual({ output: "", stdout: "", stderr: "" });
    });

    proves("DAY-050")("python keeps its state per context", async () => {
      const { codeInterpreter } = daytona().shared;
      expect(await codeInterpreter.runCode('print("hello")')).toEqual({
        stdout: "hello\n",
        stderr: "",
      });
      await codeInterpreter.runCode("x = 42");
      const context = await codeInterpreter.createContext();
      expect(context).toEqual({
        id: expect.any(String),
        cwd: "/home/daytona",
        createdAt: expect.any(String),
        active: true,
        language: "python",
      });
      expect((await codeInterpreter.listContexts()).map(({ id }) => id)).toEqual([context.id]);
      const other = await codeInterpreter.runCode("print(x)", { context });
      expect(other.error).toMatchObject({ name: "NameError" });
      const failed = await codeInterpreter.runCode(
        'import sys\nsys.stderr.write("err\\n")\nraise ValueError("boom")',
      );
      expect(failed).toEqual({
        stdout: "",
        stderr: "err\n",
        error: {
          name: "ValueError",
          value: "boom",
          traceback: expect.stringContaining("ValueError: boom"),
        },
      });
      const late = await codeInterpreter.runCode("import time\ntime.sleep(60)", { timeout: 1 });
      expect(late).toEqual({ stdout: "", stderr: "" });
      const after = await codeInterpreter.runCode("import os; print(x, os.environ['E'])", {
        envs: { E: "e" },
      });
      expect(after.stdout).toBe("42 e\n");
      await codeInterpreter.deleteContext(context);
      expect(await codeInterpreter.listContexts()).toEqual([]);
    });

    proves("DAY-040")("a terminal takes input, variables and a size", async () => {
      const { process } = daytona().shared;
      const shown = screen();
      const pty = await process.createPty({
        id: "typed",
        cols: 90,
        rows: 25,
        envs: { GREETING: "hi" },
        onData: shown.onData,
      });
      await pty.sendInput("echo $GREETING-$TERM; stty size\n");
      await shown.shows(/hi-xterm-256color\r\n25 90\r\n/);
      expect(await pty.resize(100, 30)).toMatchObject({ id: "typed", cols: 100, rows: 30 });
      await pty.sendInput("stty size\n");
      await shown.shows(/30 100\r\n/);
      await pty.sendInput("exit 3\n");
      expect(await pty.wait()).toEqual({ exitCode: 3, error: expect.any(String) });
    });

    proves("DAY-041")("a terminal outlives its connection", async () => {
      const { process } = daytona().shared;
      const first = screen();
      const made = await process.createPty({ id: "shared", onData: first.onData });
      await made.sendInput("echo first-$((1+1))\n");
      await first.shows(/first-2/);
      await made.disconnect();
      expect(await process.getPtySessionInfo("shared")).toEqual({
        id: "shared",
        cwd: "/home/daytona",
        envs: expect.objectContaining({ TERM: "xterm-256color" }),
        cols: 80,
        rows: 24,
        createdAt: expect.any(String),
        active: true,
        lazyStart: false,
      });
      const second = screen();
      const joined = await process.connectPty("shared", { onData: second.onData });
      await second.shows(/first-2/);
      await joined.sendInput("echo second-$((2+2))\n");
      await second.shows(/second-4/);
      expect((await process.listPtySessions()).map(({ id }) => id)).toContain("shared");
      await joined.kill();
      expect(await joined.wait()).toEqual({
        exitCode: expect.any(Number),
        error: expect.any(String),
      });
      const missing = await rejection(process.getPtySessionInfo("nowhere"));
      expect(missing).toMatchObject({
        name: "DaytonaProcessNotFoundError",
        message: "PTY session not found",
      });
      const taken = await rejection(process.createPty({ id: "shared", onData: () => {} }));
      expect(taken.name).toBe("DaytonaConnectionError");
    });
  },
  { versions: ["0.216", "0.205"] },
);
