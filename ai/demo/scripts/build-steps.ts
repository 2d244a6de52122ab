import * as z from "zod";
import { TOOLS } from "../../../studio/contract/tools.ts";
import type { DemoEdit, DemoFile } from "../apps/demo-file.ts";
import type { DemoHistory, DemoScript, DemoStep, Outcome } from "../demo-script.ts";

/** Ends a script early; the message is its last words. */
class GiveUp extends Error {}

/** The part of a script that makes a step and goes on only when it was done. */
type Steps<Result> = Generator<DemoStep, Result, Outcome>;

/** Runs the script; where a step did not work, it says what and stops, as a script cannot think of another way. */
export function* orGiveUp(script: DemoScript): DemoScript {
  try {
    return yield* script;
  } catch (error) {
    if (error instanceof GiveUp) return error.message;
    throw error;
  }
}

/** Makes one step. */
function* must<Output extends z.ZodType>(step: DemoStep, output: Output): Steps<z.output<Output>> {
  const outcome = yield step;
  if (outcome.state === "denied") {
    throw new GiveUp(
      "You said no to that, so I stop here. Send the same prompt again when you want me to go on: I begin again from the start, and nothing is lost.",
    );
  }
  if (outcome.state === "failed") {
    throw new GiveUp(
      `That did not work: ${outcome.message}\n\nI am a script and cannot look for another way. Send the same prompt again to try once more, or connect a model that can find out what is wrong.`,
    );
  }
  const parsed = output.safeParse(outcome.output);
  if (!parsed.success) {
    throw new GiveUp("A tool answered something that my script does not know, so I stop here.");
  }
  return parsed.data;
}

export function* createSandbox(say: string): Steps<unknown> {
  return yield* must({ say, tool: "createSandbox", input: {} }, z.unknown());
}

export function* write(say: string, files: readonly DemoFile[]): Steps<unknown> {
  return yield* must({ say, tool: "generateFiles", input: { files: [...files] } }, z.unknown());
}

/** Makes those of the edits that are not in the files yet: a change may be asked for twice. */
export function* edit(say: string, edits: readonly DemoEdit[]): Steps<void> {
  const texts = new Map<string, string>();
  for (const { path } of edits) {
    if (texts.has(path)) continue;
    const step: DemoStep = { ...(texts.size === 0 && { say }), tool: "readFile", input: { path } };
    texts.set(path, (yield* must(step, TOOLS.readFile.output)).content);
  }
  for (const { path, search, replace } of edits) {
    if (texts.get(path)?.includes(replace)) continue;
    yield* must({ tool: "editFile", input: { path, search, replace } }, z.unknown());
  }
}

/** Runs a command to its end, which must be a good one. */
export function* run(say: string, command: string): Steps<void> {
  const ended = yield* must(
    { say, tool: "runCommand", input: { command } },
    TOOLS.runCommand.output,
  );
  if (ended.exitCode === 0) return;
  const lines = `${ended.stdout}\n${ended.stderr}`.trim().split("\n").slice(-8).join("\n");
  throw new GiveUp(
    `\`${command}\` ended with exit code ${ended.exitCode ?? "unknown"}. Its last lines:\n\n${fence(lines)}\n\nI am a script and cannot repair that. Often it is the network: see that packages can be fetched, and send the same prompt again.`,
  );
}

/** Starts a server in place of the one that an earlier turn left. */
export function* serve(
  say: string,
  command: string,
  { serverCommandId }: DemoHistory,
): Steps<string> {
  if (serverCommandId !== undefined) {
    // It may be long gone, which is as good.
    yield { say, tool: "stop", input: { commandId: serverCommandId } };
  }
  const started = yield* must(
    {
      ...(serverCommandId === undefined && { say }),
      tool: "runCommand",
      input: { command, background: true },
    },
    TOOLS.runCommand.output,
  );
  if (started.state !== "running") {
    const lines = `${started.stdout}\n${started.stderr}`.trim().split("\n").slice(-8).join("\n");
    throw new GiveUp(
      `The server ended at once, with exit code ${started.exitCode ?? "unknown"}:\n\n${fence(lines)}\n\nI am a script and cannot repair that. Send the same prompt again to try once more.`,
    );
  }
  return started.commandId;
}

/** Shows the app, if it answers. */
function* show(say: string, port: number): Steps<boolean> {
  const shown = yield* must(
    { say, tool: "getSandboxUrl", input: { port } },
    TOOLS.getSandboxUrl.output,
  );
  return shown.listening;
}

/** Shows the app; the server is started first where it does not answer any more. */
export function* showAgain(
  say: string,
  { port, command, history }: { port: number; command: string; history: DemoHistory },
): Steps<void> {
  if (yield* show(say, port)) return;
  yield* serve("The server does not run any more, so I start it again.", command, history);
  yield* mustShow("And once more the preview.", port);
}

export function* mustShow(say: string, port: number): Steps<void> {
  if (yield* show(say, port)) return;
  throw new GiveUp(
    "The server runs, but nothing answers at its port yet. Its output is in the logs; reload the preview in a moment.",
  );
}

function fence(text: string): string {
  return `\`\`\`text\n${text.replaceAll("```", "'''")}\n\`\`\``;
}
