import {
  commandsOf,
  findCommand,
  openLogs,
  type PastCommand,
} from "../../trigger-client/command-history.ts";
import type { Console } from "../console.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { ago, duration } from "../quantities.ts";
import type { Column } from "../table.ts";

export const logs = defineCommand({
  name: "logs",
  summary: "Show what a command wrote; without a command, list a sandbox's commands",
  details:
    "Logs stay readable after the command ended and after the sandbox stopped, until the sandbox is\n" +
    "deleted. The command's stdout goes to stdout and its stderr to stderr.",
  positionals: [
    { name: "sandbox", about: "the sandbox's name" },
    { name: "command", about: "the command's id, or `last` for the newest", optional: true },
  ],
  options: {
    follow: { type: "boolean", short: "f", about: "Go on until the command ends" },
    ...jsonOption,
  },
  examples: [
    "sandlot logs my-sandbox",
    "sandlot logs my-sandbox last -f",
    "sandlot logs my-sandbox cmd_4kz8… --json",
  ],
  async run({ options, positionals }, { console, signal }) {
    const [sandbox, id] = positionals as [string, string | undefined];
    if (id === undefined) return listCommands(sandbox, { console, json: options.json, signal });
    const command = await findCommand(sandbox, id, signal);
    const follow = options.follow === true || command.exitCode !== null;
    await showLog(command, { console, json: options.json, follow, signal });
  },
});

interface Showing {
  console: Console;
  json: boolean | undefined;
  signal: AbortSignal;
}

async function listCommands(sandbox: string, { console, json, signal }: Showing): Promise<void> {
  const commands: PastCommand[] = [];
  for await (const command of commandsOf(sandbox, signal)) commands.push(command);
  if (json) return console.json(commands);
  if (commands.length === 0) return console.note(`No command ran in ${sandbox} yet.`);
  console.table(commands, columns(Date.now()));
}

async function showLog(
  command: PastCommand,
  { console, json, follow, signal }: Showing & { follow: boolean },
): Promise<void> {
  const leave = new AbortController();
  const entries = await openLogs(command, AbortSignal.any([signal, leave.signal]));
  // Without -f, a running command's log is shown up to now. The stream has no mark for that, but what
  // is there already comes without a pause.
  let pause = follow ? undefined : setTimeout(() => leave.abort(), QUIET_MS);
  try {
    for await (const entry of entries) {
      if (json) await console.write(`${JSON.stringify(entry)}\n`);
      else await console.write(entry.data, entry.stream === "stdout" ? "result" : "note");
      pause = pause?.refresh();
    }
  } catch (error) {
    if (!leave.signal.aborted || signal.aborted) throw error;
    console.note("The command still runs; -f follows it.");
  } finally {
    clearTimeout(pause);
  }
}

/** Far longer than the engine needs between two pieces of a log that it already has. */
const QUIET_MS = 500;

function columns(now: number): Column<PastCommand>[] {
  return [
    { title: "ID", value: ({ id }) => id, style: () => "bold" },
    {
      title: "STATE",
      value: ({ exitCode }) => (exitCode === null ? "running" : `exit ${exitCode}`),
      style: ({ exitCode }) => (exitCode === null ? "green" : exitCode === 0 ? undefined : "red"),
    },
    { title: "STARTED", value: ({ startedAt }) => ago(startedAt, now) },
    {
      title: "TOOK",
      value: ({ durationMs, startedAt, exitCode }) =>
        exitCode === null ? duration(now - startedAt) : duration(durationMs ?? 0),
      align: "right",
    },
    { title: "COMMAND", value: ({ name, args }) => [name, ...args].join(" "), flexible: true },
  ];
}
