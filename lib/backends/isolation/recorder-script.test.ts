import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import {
  directArguments,
  instruction,
  type RecordedCommand,
  shellVariables,
  waitingScript,
} from "./recorder-script.ts";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 40);
const PATH = process.env["PATH"] ?? "/usr/bin:/bin";

// What a process can be given: any text but a NUL. Lone surrogates have no bytes.
const anyText = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "\u0081", "a", "-", "*"),
    }),
  )
  .map((text) => text.replaceAll("\0", "").toWellFormed());
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
  fc.constantFrom(
    "IFS",
    "OPTIND",
    "PPID",
    "UID",
    "LINENO",
    "with.dot",
    "with-dash",
    "1",
    "_sandlot_out",
    "ENV",
    "PS4",
  ),
);

async function runRecorder(command: RecordedCommand, way: "waiting" | "direct"): Promise<string> {
  await rm(command.directory, { recursive: true, force: true });
  await mkdir(command.directory);
  const line = way === "waiting" ? instruction(command, { PATH }) : undefined;
  const child = line
    ? spawn("/bin/sh", ["-c", waitingScript(command.sessionId)], {
        env: { PATH },
        stdio: ["pipe", "ignore", "ignore"],
      })
    : spawn("/bin/sh", directArguments(command), {
        env: shellVariables(command.env),
        stdio: "ignore",
      });
  child.stdin?.end(line);
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(await readFile(join(command.directory, "exit"), "utf8")).toBe("0\n");
  return readFile(join(command.directory, "stdout"), "utf8");
}

test.each(["waiting", "direct"] as const)(
  "a %s recorder passes any arguments and variables unchanged",
  async (way) => {
    await using directory = await temporaryDirectory();
    const command = {
      sessionId: "sbx_test",
      commandId: "cmd_test",
      cwd: directory.path,
      stdin: false,
      directory: join(directory.path, "logs '\n$x"),
      times: join(directory.path, "times"),
    };
    const property = fc.asyncProperty(
      fc.array(anyText, { maxLength: 5 }),
      fc.dictionary(anyName, anyText, { maxKeys: 5 }),
      async (args, variables) => {
        const env = { ...variables, PATH };
        const shown = { ...command, cmd: "printf", args: ["%s\\0", ".", ...args], env };
        expect(await runRecorder(shown, way)).toBe([".", ...args, ""].join("\0"));
        const listed = await runRecorder({ ...command, cmd: "env", args: ["-0"], env }, way);
        const entries = Object.entries(env).map(([name, value]) => `${name}=${value}`);
        expect(listed.split("\0")).toEqual(expect.arrayContaining(entries));
      },
    );
    await fc.assert(property, { numRuns: RUNS });
  },
);
