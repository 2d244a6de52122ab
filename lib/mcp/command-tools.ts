import * as z from "zod";
import { findCommand, openLogs, type PastCommand } from "../trigger-client/command-history.ts";
import { type Command, Sandbox } from "../trigger-client/index.ts";
import { outputSoFar } from "../trigger-client/output-so-far.ts";
import { defineTool, type Tool } from "./define-tool.ts";
import { TailText } from "./tail-text.ts";
import { LIMITS, sandboxName } from "./tool-words.ts";

const output = {
  stdout: z.string().describe("The end of what it wrote to stdout."),
  stderr: z.string().describe("The end of what it wrote to stderr."),
  stdoutDroppedCharacters: z.int().describe("How many characters of stdout came before it."),
  stderrDroppedCharacters: z.int().describe("How many characters of stderr came before it."),
};

const commandState = {
  commandId: z.string(),
  exitCode: z
    .int()
    .nullable()
    .describe("null while it runs; 128+n when signal n ended it; 137 also when its time was up."),
};

type Output = z.output<z.ZodObject<typeof output>>;

const run = defineTool({
  name: "run",
  title: "Run a command in a sandbox",
  description:
    "Runs a shell line (bash) in a sandbox and gives its exit code and the end of its output. A sandbox that " +
    "stopped is resumed first. Each call is a shell of its own: the working directory and variables do not " +
    "carry over, files do. For servers and anything that takes long, set background: the command goes on, and " +
    "`logs` tells how it does. A command that exits with another code than 0 is a result, not an error.",
  input: z.strictObject({
    sandbox: sandboxName,
    command: z.string().min(1).describe("The shell line, such as `npm test 2>&1 | tail -50`."),
    cwd: z.string().min(1).optional().describe("Where it runs; /vercel/sandbox if not given."),
    env: z.record(z.string(), z.string()).optional().describe("Variables for this command only."),
    sudo: z.boolean().default(false).describe("Runs it as root."),
    background: z
      .boolean()
      .default(false)
      .describe("Returns as soon as it runs. It lives until it ends or the sandbox stops."),
    timeoutMs: z
      .int()
      .min(1)
      .optional()
      .describe(
        `When it is killed. Without background, ${LIMITS.runTimeoutMs} if not given; with it, never.`,
      ),
  }),
  output: z.object({ ...commandState, ...output }),
  annotations: { destructiveHint: true, openWorldHint: true },
  async run(request, { signal }) {
    const { background, command: line, cwd, env, sudo } = request;
    const timeoutMs = request.timeoutMs ?? (background ? undefined : LIMITS.runTimeoutMs);
    const sandbox = await Sandbox.get({ name: request.sandbox, signal });
    const command = await sandbox.runCommand({
      cmd: "bash",
      args: ["-c", line],
      detached: true,
      sudo,
      signal,
      ...(cwd !== undefined && { cwd }),
      ...(env && { env }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    const { cmdId: commandId } = command;
    if (background) return { commandId, exitCode: null, ...read(new Tails()) };
    return { commandId, ...(await waitForEnd(command, signal)) };
  },
  text: (result) => describe(result),
});

/** Ends the command when nobody waits for it any more. */
async function waitForEnd(
  command: Command,
  signal: AbortSignal,
): Promise<{ exitCode: number } & Output> {
  const tails = new Tails();
  try {
    for await (const { stream, data } of command.logs({ signal })) tails[stream].append(data);
    const { exitCode } = await command.wait({ signal });
    return { exitCode, ...read(tails) };
  } catch (error) {
    if (signal.aborted) await command.kill("SIGKILL");
    throw error;
  }
}

const logs = defineTool({
  name: "logs",
  title: "Read a command's output",
  description:
    "Gives the end of what a command has written, also of one that still runs, has ended long ago, or ran before " +
    "the sandbox stopped. With waitMs it waits until the command ends, but no longer than that.",
  input: z.strictObject({
    sandbox: sandboxName,
    command: z
      .string()
      .min(1)
      .default("last")
      .describe("The command's id, as `run` gave it; the newest one if not given."),
    waitMs: z
      .int()
      .min(0)
      .max(LIMITS.waitMs)
      .default(0)
      .describe("How long to wait for the command's end."),
    maxCharacters: z
      .int()
      .min(1)
      .max(LIMITS.logCharacters)
      .default(LIMITS.outputCharacters)
      .describe("How much of the end of each stream is wanted."),
  }),
  output: z.object({
    ...commandState,
    command: z.string().describe("The command's own line."),
    ...output,
  }),
  annotations: { readOnlyHint: true },
  async run({ sandbox, command: id, waitMs, maxCharacters }, { signal }) {
    const found = await findCommand(sandbox, id, signal);
    const tails = new Tails(maxCharacters);
    await (found.exitCode === null && waitMs > 0
      ? follow(found, tails, { signal, waitMs })
      : collect(found, tails, signal));
    // It may have ended meanwhile.
    const now = found.exitCode === null ? await findCommand(sandbox, found.id, signal) : found;
    const line = found.args[0] === "-c" ? found.args[1] : undefined;
    return {
      commandId: found.id,
      exitCode: now.exitCode,
      command: line ?? [found.name, ...found.args].join(" "),
      ...read(tails),
    };
  },
  text: (result) => describe(result),
});

async function collect(command: PastCommand, tails: Tails, signal: AbortSignal): Promise<void> {
  const { sessionId, id: cmdId } = command;
  for await (const { stream, data } of outputSoFar({ sessionId, cmdId }, signal)) {
    tails[stream].append(data);
  }
}

async function follow(
  command: PastCommand,
  tails: Tails,
  { signal, waitMs }: { signal: AbortSignal; waitMs: number },
): Promise<void> {
  const enough = AbortSignal.timeout(waitMs);
  try {
    const pieces = await openLogs(command, AbortSignal.any([signal, enough]));
    for await (const { stream, data } of pieces) tails[stream].append(data);
  } catch (error) {
    if (signal.aborted || !enough.aborted) throw error;
  }
}

class Tails {
  readonly stdout: TailText;
  readonly stderr: TailText;

  constructor(limit: number = LIMITS.outputCharacters) {
    this.stdout = new TailText(limit);
    this.stderr = new TailText(limit);
  }
}

function read({ stdout, stderr }: Tails): Output {
  return {
    stdout: stdout.toString(),
    stderr: stderr.toString(),
    stdoutDroppedCharacters: stdout.droppedCharacters,
    stderrDroppedCharacters: stderr.droppedCharacters,
  };
}

/** As a person would see it in a terminal, with a note of what is not shown. */
function describe(result: Output & { commandId: string; exitCode: number | null }): string {
  const { commandId, exitCode } = result;
  const state = exitCode === null ? "runs" : `ended with exit code ${exitCode}`;
  return [
    `Command ${commandId} ${state}.`,
    ...section("stdout", result.stdout, result.stdoutDroppedCharacters),
    ...section("stderr", result.stderr, result.stderrDroppedCharacters),
  ].join("\n");
}

function section(stream: string, text: string, dropped: number): string[] {
  if (text === "") return [];
  const cut = `[${dropped} earlier characters of ${stream} are not shown: call \`logs\` with a larger maxCharacters, or write the output to a file and \`read\` it]`;
  return [`--- ${stream}`, ...(dropped > 0 ? [cut] : []), text];
}

/** Running commands, and what they wrote. */
export const COMMAND_TOOLS: readonly Tool[] = [run, logs];
