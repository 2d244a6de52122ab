import * as z from "zod";
import { Environment } from "../../contract/sandbox.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type DaytonaContext, json, type ToolboxCall, type ToolboxEndpoint } from "./answers.ts";
import { DaytonaFault } from "./faults.ts";
import { readToolboxJson } from "./read-request.ts";
import { type Finished, runCommand } from "./run-command.ts";

/** Seconds; 0 means for ever. */
const Timeout = z.number().nonnegative().optional();

const ExecuteBody = z.object({
  command: z.string().min(1),
  cwd: z.string().optional(),
  envs: Environment.optional(),
  timeout: Timeout,
});

const CodeRunBody = z.object({
  code: z.string().min(1),
  language: z.string(),
  argv: z.array(z.string()).optional(),
  envs: Environment.optional(),
  timeout: Timeout,
});

// Both pipes are one, so that what a command wrote stands in the order in which it wrote it.
const MERGED = 'exec "$@" 2>&1';

/** How code of a language is run: the words before the code, and its arguments after it. */
const RUNNERS: Record<string, readonly string[]> = {
  python: ["python3", "-u", "-c"],
  javascript: ["node", "-e"],
  typescript: [
    "node",
    "--disable-warning=ExperimentalWarning",
    "--experimental-strip-types",
    "--input-type=module-typescript",
    "-e",
  ],
};

/** Commands and pieces of code that are run to their end in one call. */
export function processEndpoints({ engine }: DaytonaContext): ToolboxEndpoint[] {
  const run = async (
    call: ToolboxCall,
    words: string[],
    {
      cwd,
      envs,
      timeout,
    }: {
      cwd?: string | undefined;
      envs?: Record<string, string> | undefined;
      timeout?: number | undefined;
    },
  ): Promise<Finished> => {
    const request = withoutUndefined({
      cmd: "sh",
      args: ["-c", MERGED, "sh", ...words],
      cwd: cwd === "" ? undefined : cwd,
      env: envs,
      timeoutMs: timeout ? Math.ceil(timeout * 1_000) : undefined,
    });
    const finished = await runCommand(engine, call.session.id, request, call.request);
    if (!finished.timedOut) return finished;
    throw new DaytonaFault(
      { status: 408, code: "PROCESS_EXECUTION_TIMEOUT" },
      "command execution timeout",
    );
  };
  return [
    {
      method: "POST",
      path: "/process/execute",
      async answer(call) {
        const body = await readToolboxJson(call.request, ExecuteBody, "a command");
        const { exitCode, stdout } = await run(call, ["bash", "-c", body.command], body);
        return json({ exitCode, result: stdout });
      },
    },
    {
      method: "POST",
      path: "/process/code-run",
      async answer(call) {
        const body = await readToolboxJson(call.request, CodeRunBody, "a piece of code");
        const runner = Object.hasOwn(RUNNERS, body.language) ? RUNNERS[body.language] : undefined;
        if (!runner) {
          throw new DaytonaFault(
            { status: 400, code: "BAD_REQUEST" },
            `bad request: unsupported language: ${body.language}`,
          );
        }
        // Without the dashes an argument that begins with one would be the interpreter's.
        const dashes = body.language !== "python" && body.argv?.length ? ["--"] : [];
        const words = [...runner, body.code, ...dashes, ...(body.argv ?? [])];
        const { exitCode, stdout } = await run(call, words, body);
        return json({ exitCode, result: stdout, artifacts: { charts: [] } });
      },
    },
  ];
}
