import * as z from "zod";
import type { Command } from "../../../contract/command.ts";
import { everyItem } from "../../../engine/every-item.ts";
import { json } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { type Call, type Endpoint, readQuery } from "./endpoint.ts";
import { toTime } from "./present-sandbox.ts";

const Whole = z
  .string()
  .regex(/^\d{1,16}$/, { message: "expected a whole number" })
  .transform(Number);

const Limit = Whole.pipe(z.int().min(1).max(1_000)).default(1_000);

const LogsQuery = z.object({
  /** Milliseconds since the epoch. */
  start: Whole.default(0),
  limit: Limit,
});

const LogsQueryV2 = z.object({
  cursor: Whole.optional(),
  limit: Limit,
  direction: z.enum(["forward", "backward"]).default("forward"),
  level: z.enum(["debug", "info", "warn", "error"]).default("debug"),
  search: z.string().optional(),
});

const LEVELS = ["debug", "info", "warn", "error"] as const;

interface Entry {
  at: number;
  level: (typeof LEVELS)[number];
  message: string;
  fields: Record<string, string>;
}

/** What happened in a sandbox: which commands began and ended, and what they wrote, by the time of it. */
export function logEndpoints(context: E2bContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/sandboxes/:id/logs",
      async answer(call) {
        const { start, limit } = readQuery(call, LogsQuery, "this call's query");
        const entries = (await entriesOf(call, context)).filter(({ at }) => at >= start);
        const shown = entries.slice(0, limit);
        return json({
          logs: shown.map(({ at, message }) => ({ timestamp: toTime(at), line: message })),
          logEntries: shown.map(presentEntry),
        });
      },
    },
    {
      method: "GET",
      path: "/v2/sandboxes/:id/logs",
      async answer(call) {
        const query = readQuery(call, LogsQueryV2, "this call's query");
        const { cursor, direction, level, search, limit } = query;
        const backward = direction === "backward";
        const from = cursor ?? (backward ? Infinity : 0);
        const entries = (await entriesOf(call, context)).filter(
          (entry) =>
            (backward ? entry.at <= from : entry.at >= from) &&
            LEVELS.indexOf(entry.level) >= LEVELS.indexOf(level) &&
            (search === undefined || entry.message.includes(search)),
        );
        const ordered = backward ? entries.toReversed() : entries;
        return json({ logs: ordered.slice(0, limit).map(presentEntry) });
      },
    },
  ];
}

/** In the order of time. */
async function entriesOf(call: Call, { engine }: E2bContext): Promise<Entry[]> {
  const { session } = await engine.sandboxes.byId(call.parameter("id"));
  const entries: Entry[] = [];
  const commands = everyItem((part) =>
    engine.commands.list(session.id, { ...part, sortOrder: "asc" }),
  );
  for (const command of commands) {
    entries.push(...(await entriesOfCommand(command, { engine, sessionId: session.id })));
  }
  return entries.toSorted((one, other) => one.at - other.at);
}

async function entriesOfCommand(
  command: Command,
  { engine, sessionId }: { engine: E2bContext["engine"]; sessionId: string },
): Promise<Entry[]> {
  const { id, cmd, args, startedAt, durationMs, exitCode } = command;
  const fields = { process: id };
  const line = [cmd, ...args].join(" ");
  const entries: Entry[] = [
    { at: startedAt, level: "info", message: line, fields: { ...fields, event: "start" } },
  ];
  for await (const { at, stream, data } of engine.commands.output(sessionId, id, {
    follow: false,
  })) {
    const level = stream === "stderr" ? "warn" : "info";
    for (const message of data.split("\n").filter((text) => text !== "")) {
      entries.push({ at, level, message, fields: { ...fields, event: stream } });
    }
  }
  if (exitCode !== null) {
    entries.push({
      at: Math.round(startedAt + (durationMs ?? 0)),
      level: "info",
      message: `ended with exit code ${exitCode}`,
      fields: { ...fields, event: "end" },
    });
  }
  return entries;
}

function presentEntry({ at, level, message, fields }: Entry) {
  return { timestamp: toTime(at), level, message, fields };
}
