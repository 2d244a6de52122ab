import { SandboxError } from "../../contract/errors.ts";
import type { ActiveFault, FaultRuleInput } from "../../host/controls/control-words.ts";
import { parseDuration } from "../../host/controls/parse-duration.ts";
import { testControls } from "../../host/controls/test-controls.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { FOR_TESTS } from "../for-tests.ts";
import { duration } from "../quantities.ts";
import type { Column } from "../table.ts";

export const faults = defineCommand({
  name: "faults",
  summary: "List the faults that tests have put into the APIs",
  details: FOR_TESTS,
  options: jsonOption,
  async run({ options }, { console }) {
    const list = await (await testControls()).faults.list();
    if (options.json) return console.json(list);
    if (list.length === 0) return console.note("There is none.");
    console.table(list, COLUMNS);
  },
});

export const faultsAdd = defineCommand({
  name: "faults add",
  summary: "Make requests fail: by an error, a delay or a lost connection",
  details:
    `${FOR_TESTS}\nOne of --status, --delay and --cut says what happens; the rest says to which requests.\n` +
    "In --path, * stands for anything within one part of the path, ** for anything.",
  options: {
    face: { type: "string", about: "Only this API: vercel, e2b or daytona", value: "name" },
    method: { type: "string", about: "Only this method", value: "name" },
    path: {
      type: "string",
      about: "Only paths like this, without the API's prefix",
      value: "path",
    },
    sandbox: { type: "string", about: "Only requests that name this sandbox", value: "name" },
    nth: { type: "string", about: "Only the n-th of these requests (default: each)", value: "n" },
    status: { type: "string", about: "Answer with this error, 400 to 599", value: "code" },
    message: { type: "string", about: "With --status: its message", value: "text" },
    header: {
      type: "string",
      about: "With --status: one header, such as Retry-After=1",
      value: "h=v",
    },
    delay: { type: "string", about: "Wait so long first: 250ms, 2s", value: "time" },
    cut: { type: "string", about: "Break the answer off after so many bytes", value: "bytes" },
    ...jsonOption,
  },
  examples: [
    "sandlot faults add --face e2b --method POST --path /sandboxes/*/timeout --status 429",
    "sandlot faults add --path '/**/files' --nth 2 --cut 1000",
    "sandlot faults add --delay 2s",
  ],
  async run({ options }, { console }) {
    const { face, method, path, sandbox, nth } = options;
    const rule = {
      ...(face !== undefined && { face: face as "vercel" }), // The engine says which there are.
      ...(method !== undefined && { method }),
      ...(path !== undefined && { path }),
      ...(sandbox !== undefined && { sandbox }),
      ...(nth !== undefined && { nth: whole("nth", nth) }),
      action: actionOf(options),
    } satisfies FaultRuleInput;
    const { id } = await (await testControls()).faults.add(rule);
    if (options.json) return console.json({ id });
    console.line(id);
  },
});

export const faultsClear = defineCommand({
  name: "faults clear",
  summary: "Take a fault away, or all of them",
  details: FOR_TESTS,
  positionals: [{ name: "id", about: "which (default: all)", optional: true }],
  async run({ positionals: [id] }, { console }) {
    await (await testControls()).faults.clear(id);
    console.line("Cleared.");
  },
});

interface ActionOptions {
  status?: string;
  message?: string;
  header?: string;
  delay?: string;
  cut?: string;
}

function actionOf({
  status,
  message,
  header,
  delay,
  cut,
}: ActionOptions): FaultRuleInput["action"] {
  const given = [status, delay, cut].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new SandboxError("invalid_request", "Give one of --status, --delay and --cut.");
  }
  if (status === undefined && (message !== undefined || header !== undefined)) {
    throw new SandboxError("invalid_request", "--message and --header are for --status.");
  }
  if (delay !== undefined) return { kind: "delay", delayMs: parseDuration(delay) };
  if (cut !== undefined) return { kind: "cut", afterBytes: whole("cut", cut) };
  return {
    kind: "status",
    status: whole("status", status ?? ""),
    ...(message !== undefined && { message }),
    ...(header !== undefined && { headers: headerOf(header) }),
  };
}

function headerOf(text: string): Record<string, string> {
  const parts = /^([^=:]+)[=:]\s*(.*)$/.exec(text);
  if (parts) return { [parts[1]!]: parts[2]! };
  throw new SandboxError("invalid_request", `--header is "${text}". Write it as Name=value.`);
}

function whole(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new SandboxError("invalid_request", `--${option} is "${text}". Give a whole number.`);
}

const COLUMNS: Column<ActiveFault>[] = [
  { title: "ID", value: ({ id }) => id, style: () => "bold" },
  { title: "DOES", value: ({ rule }) => actionWords(rule.action) },
  { title: "MATCHED", value: ({ matched }) => String(matched), align: "right" },
  { title: "APPLIED", value: ({ applied }) => String(applied), align: "right" },
  { title: "TO", value: ({ rule }) => matchWords(rule), flexible: true },
];

function actionWords(action: ActiveFault["rule"]["action"]): string {
  switch (action.kind) {
    case "status":
      return `answers ${action.status}`;
    case "delay":
      return `waits ${duration(action.delayMs)}`;
    case "cut":
      return `cuts after ${action.afterBytes} B`;
  }
}

function matchWords({ face, method, path, sandbox, nth }: ActiveFault["rule"]): string {
  const which = nth === undefined ? "every request" : `request ${nth}`;
  const words = [
    which,
    face && `of ${face}`,
    method,
    path,
    sandbox !== undefined && `for ${sandbox}`,
  ];
  return words.filter(Boolean).join(" ");
}
