import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../../testing/run-program.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";

const moduleNamed = (name: string) => JSON.stringify(join(import.meta.dirname, name));

/** Each learns how a command ended whose recorder is gone without a word. */
const PROGRAMS = {
  "this engine started": `
    import { spawn } from "node:child_process";
    import { Recorders } from ${moduleNamed("recorders.ts")};
    const launcher = { launch: () => spawn("sleep", ["60"], { stdio: "ignore" }) };
    const command = { sessionId: "sbx_1", commandId: "cmd_1", cmd: "sleep", stdin: true, directory };
    const { handle, exited } = await new Recorders(launcher).start(command);
    takeAll();
    process.kill(handle.pid, "SIGKILL");
    await end(exited);`,
  "an earlier engine started": `
    import { adoptedExit } from ${moduleNamed("adopted-exit.ts")};
    const handle = { pid: 2 ** 22 + 1, startTime: "1", commandId: "cmd_1" };
    takeAll();
    await end(adoptedExit(handle, { directory, sessionId: "sbx_1" }));`,
};

/** Leaves no descriptor free for a while. */
const PRELUDE = `
  import { closeSync, openSync } from "node:fs";
  const directory = process.argv[1];
  const taken = [];
  const takeAll = () => {
    try { for (;;) taken.push(openSync("/dev/null", "r")); } catch {}
    setTimeout(() => { for (const one of taken) closeSync(one); }, 300);
  };
  const end = async (exited) => {
    const alive = setInterval(() => undefined, 1_000);
    console.log((await exited).exitCode);
    clearInterval(alive);
  };`;

test.each(Object.entries(PROGRAMS))(
  "an engine without descriptors outlives the end of a command that %s",
  async (_which, program) => {
    await using directory = await temporaryDirectory();
    const words = ["--input-type=module", "-e", PRELUDE + program, directory.path];
    // A shell that sets its limit and becomes Node.
    const shell = ["-c", 'ulimit -n 100 && exec "$@"', "sh", process.execPath];
    const { stdout, stderr } = await runProgram([...shell, ...words], { execPath: "sh" });
    expect(stdout, stderr).toBe("137\n");
  },
);
