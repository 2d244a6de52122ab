import type { StatusAnswer } from "../../host/host-answers.ts";
import { daemonStatus } from "../../host/daemon-control.ts";
import { readSettings, type EngineChoice, type Settings } from "../../host/settings.ts";
import { sharedTransport } from "../../host/shared-transport.ts";
import { Sandbox } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { ago, byteSize } from "../quantities.ts";

interface Status {
  /** Where sandboxes live, by the settings. */
  engine: EngineChoice["kind"];
  home: string;
  /** Absent while none runs. */
  daemon?: Pick<
    StatusAnswer,
    "pid" | "version" | "isolation" | "startedAt" | "memoryBytes" | "busy" | "url"
  >;
  /** How many there are, by status. Absent while nothing runs that could be asked. */
  sandboxes?: Record<string, number>;
}

export const status = defineCommand({
  name: "status",
  summary: "Show where sandboxes live, what runs and how many there are",
  details: "Starts nothing.",
  options: jsonOption,
  async run({ options }, { console, signal }) {
    const found = await look(readSettings(), signal);
    if (options.json) return console.json(found);
    const { daemon, sandboxes } = found;
    const rows: [string, string][] = [
      [
        "engine",
        found.engine === "vercel" ? "vercel (the real cloud)" : sharedTransport().describe(),
      ],
      ["state folder", found.home],
    ];
    if (daemon) {
      rows.push(
        [
          "daemon",
          `process ${daemon.pid}, version ${daemon.version}, started ${ago(daemon.startedAt)}`,
        ],
        [
          "isolation",
          daemon.isolation === "process" ? "process (none: see sandlot doctor)" : daemon.isolation,
        ],
        ["memory", byteSize(daemon.memoryBytes)],
      );
      if (daemon.url !== undefined) rows.push(["listens at", daemon.url]);
    } else if (found.engine === "daemon") {
      rows.push(["daemon", "not running; the next call starts it"]);
    }
    if (sandboxes) rows.push(["sandboxes", counts(sandboxes)]);
    const width = Math.max(...rows.map(([name]) => name.length));
    for (const [name, value] of rows) {
      console.line(`${console.paint("dim", name.padEnd(width))}  ${value}`);
    }
  },
});

async function look(settings: Settings, signal: AbortSignal): Promise<Status> {
  const { engine, home } = settings;
  const base = { engine: engine.kind, home };
  const daemon = engine.kind === "daemon" ? await daemonStatus(settings) : undefined;
  // An embedded engine would have to be opened for this, and is empty of what runs elsewhere.
  if (!daemon && engine.kind !== "http") return base;
  const sandboxes: Record<string, number> = {};
  for (const each of await (await Sandbox.list({ limit: 50, signal })).toArray()) {
    sandboxes[each.status] = (sandboxes[each.status] ?? 0) + 1;
  }
  if (!daemon) return { ...base, sandboxes };
  const { pid, version, isolation, startedAt, memoryBytes, busy, url } = daemon;
  return {
    ...base,
    daemon: {
      pid,
      version,
      isolation,
      startedAt,
      memoryBytes,
      busy,
      ...(url !== undefined && { url }),
    },
    sandboxes,
  };
}

function counts(sandboxes: Record<string, number>): string {
  const parts = Object.entries(sandboxes).map(([name, count]) => `${count} ${name}`);
  return parts.length > 0 ? parts.join(", ") : "none";
}
