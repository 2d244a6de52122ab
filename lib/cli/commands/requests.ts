import type { LoggedRequest } from "../../host/controls/control-words.ts";
import { testControls } from "../../host/controls/test-controls.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { FOR_TESTS } from "../for-tests.ts";
import { duration } from "../quantities.ts";
import type { Column } from "../table.ts";

const DETAILS = `${FOR_TESTS}\nQueries, headers and bodies are not kept.`;

export const requests = defineCommand({
  name: "requests",
  summary: "List the last requests to the APIs, of all vendors' clients",
  details: DETAILS,
  options: {
    follow: { type: "boolean", short: "f", about: "Go on until Ctrl-C" },
    ...jsonOption,
  },
  examples: ["sandlot requests --follow", "sandlot requests --json | jq '.[].path'"],
  async run({ options }, { console, signal }) {
    const controls = (await testControls()).requests;
    if (!options.follow) {
      const list = await controls.list();
      if (options.json) return console.json(list);
      if (list.length === 0) return console.note("No request has been made yet.");
      return console.table(list, COLUMNS);
    }
    for await (const request of controls.follow({ signal })) {
      await console.write(`${options.json ? JSON.stringify(request) : lineOf(request)}\n`);
    }
  },
});

export const requestsClear = defineCommand({
  name: "requests clear",
  summary: "Forget the requests that were made",
  details: DETAILS,
  async run(_given, { console }) {
    await (await testControls()).requests.clear();
    console.line("Cleared.");
  },
});

const COLUMNS: Column<LoggedRequest>[] = [
  { title: "TIME", value: ({ at }) => timeOf(at) },
  { title: "API", value: ({ face }) => face },
  { title: "METHOD", value: ({ method }) => method },
  {
    title: "STATUS",
    value: ({ status }) => String(status),
    style: ({ status }) => (status < 400 ? undefined : "red"),
  },
  { title: "TOOK", value: ({ durationMs }) => duration(durationMs), align: "right" },
  { title: "SANDBOX", value: ({ sandbox }) => sandbox ?? "" },
  { title: "FAULTS", value: ({ faults = [] }) => faults.join(" ") },
  { title: "PATH", value: ({ path }) => path, flexible: true },
];

function lineOf(request: LoggedRequest): string {
  const { at, face, method, path, status, durationMs, faults = [] } = request;
  return [timeOf(at), face, method, status, path, duration(durationMs), ...faults].join("  ");
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
