import { Sandbox } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { ago, duration } from "../quantities.ts";
import { statusStyle } from "../status-style.ts";
import type { Column } from "../table.ts";

/** One line of the list, and one object of `--json`. */
interface Row {
  name: string;
  status: string;
  persistent: boolean;
  createdAt: number;
  /** When a running one ends by itself. */
  expiresAt?: number;
  currentSnapshotId?: string;
  tags?: Record<string, string>;
  ports: { port: number; url: string }[];
}

export const ls = defineCommand({
  name: "ls",
  summary: "List sandboxes: those that run, or all",
  details: "Newest first. A stopped sandbox starts again, with its files, at its next use.",
  options: {
    all: { type: "boolean", short: "a", about: "Also those that are stopped" },
    ...jsonOption,
  },
  examples: ["sandlot ls --all", "sandlot ls --json | jq -r '.[].name'"],
  async run({ options }, { console, signal }) {
    const listed = await Sandbox.list({ limit: 50, signal });
    const found = await listed.toArray();
    const shown = options.all ? found : found.filter(({ status }) => status !== "stopped");
    const rows = await Promise.all(
      shown.map(async ({ name, status, persistent, createdAt, ...rest }): Promise<Row> => {
        const { expiresAt, currentSnapshotId, tags } = rest;
        return {
          name,
          status,
          persistent,
          createdAt,
          ...(expiresAt === undefined ? {} : { expiresAt }),
          ...(currentSnapshotId === undefined ? {} : { currentSnapshotId }),
          ...(tags === undefined ? {} : { tags }),
          ports: await portsOf(name, signal),
        };
      }),
    );
    if (options.json) return console.json(rows);
    if (rows.length > 0) console.table(rows, columns(Date.now()));
    const hidden = found.length - rows.length;
    if (hidden > 0) console.note(`${hidden} stopped: sandlot ls --all`);
    else if (rows.length === 0) console.note("There is no sandbox yet.");
  },
});

async function portsOf(name: string, signal: AbortSignal): Promise<Row["ports"]> {
  try {
    const sandbox = await Sandbox.get({ name, resume: false, signal });
    return sandbox.routes.map(({ port }) => ({ port, url: sandbox.domain(port) }));
  } catch (error) {
    // It was deleted between the list and this look at it.
    if (error instanceof Error && "response" in error) return [];
    throw error;
  }
}

function columns(now: number): Column<Row>[] {
  return [
    { title: "NAME", value: ({ name }) => name, style: () => "bold" },
    { title: "STATUS", value: ({ status }) => status, style: ({ status }) => statusStyle(status) },
    { title: "CREATED", value: ({ createdAt }) => ago(createdAt, now) },
    {
      title: "ENDS IN",
      value: ({ status, expiresAt }) =>
        expiresAt === undefined || status !== "running" ? "" : duration(expiresAt - now),
    },
    {
      title: "PORTS",
      // Never cut: half a URL is of no use.
      value: ({ ports }) => ports.map(({ port, url }) => `${port}→${url}`).join(" "),
    },
  ];
}
