import * as z from "zod";
import type { Command, OutputChunk } from "../../../contract/command.ts";
import { everyItem } from "../../../engine/every-item.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { json } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { toTime } from "./present-sandbox.ts";
import { isAtLeast, LogLevel, WholeNumber } from "./query-fields.ts";
import { readQuery } from "./read-request.ts";

/** The vendor tells no more at a time. */
const MOST_ENTRIES = 1_000;

const Limit = WholeNumber.pipe(z.int().min(1).max(MOST_ENTRIES)).default(MOST_ENTRIES);

const LogsQuery = z.object({
  /** Milliseconds since the epoch. */
  start: WholeNumber.default(0),
  limit: Limit,
});

const LogsQueryV2 = z.object({
  /** Milliseconds since the epoch. */
  cursor: WholeNumber.optional(),
  limit: Limit,
  direction: z.enum(["forward", "backward"]).default("forward"),
  level: LogLevel.default("debug"),
  search: z.string().optional(),
});

interface Entry {
  /** Milliseconds since the epoch. */
  at: number;
  level: LogLevel;
  message: string;
  fields: Record<string, string>;
}

interface Wanted {
  isWanted: (entry: Entry) => boolean;
  limit: number;
  /** Which of them, when there are more. */
  end: "earliest" | "latest";
}

/** What happened in a sandbox: which commands began and ended, and what they wrote, by the time of it. */
export function logEndpoints(context: E2bContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/sandboxes/:id/logs",
      async answer(call) {
        const { start, limit } = readQuery(call, LogsQuery, "this call's query");
        const isWanted = ({ at }: Entry) => at >= start;
        const shown = await entriesOf(call, context, { isWanted, limit, end: "earliest" });
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
        const isWanted = (entry: Entry) =>
          (backward ? entry.at <= from : entry.at >= from) &&
          isAtLeast(entry.level, level) &&
          (search === undefined || entry.message.includes(search));
        const end = backward ? "latest" : "earliest";
        const shown = await entriesOf(call, context, { isWanted, limit, end });
        return json({ logs: (backward ? shown.toReversed() : shown).map(presentEntry) });
      },
    },
  ];
}

/** In the order of time. Reads all that was written, and holds little more of it than is told. */
async function entriesOf(
  { request: { signal }, parameter }: Call,
  { engine }: E2bContext,
  { isWanted, limit, end }: Wanted,
): Promise<Entry[]> {
  const { session } = await engine.sandboxes.byId(parameter("id"));
  const cut = (entries: Entry[]) => {
    const ordered = entries.toSorted((one, other) => one.at - other.at);
    return end === "latest" ? ordered.slice(-limit) : ordered.slice(0, limit);
  };
  let found: Entry[] = [];
  const commands = everyItem((part) =>
    engine.commands.list(session.id, { ...part, sortOrder: "asc" }),
  );
  for (const command of commands) {
    const output = engine.commands.output(session.id, command.id, { follow: false, signal });
    for await (const entry of entriesOfCommand(command, output)) {
      if (!isWanted(entry)) continue;
      found.push(entry);
      if (found.length >= 2 * MOST_ENTRIES) found = cut(found);
    }
  }
  return cut(found);
}

async function* entriesOfCommand(
  { id, cmd, args, startedAt, durationMs, exitCode }: Command,
  output: AsyncIterable<OutputChunk>,
): AsyncGenerator<Entry, void, void> {
  const entry = (event: string, given: Omit<Entry, "fields">) => ({
    ...given,
    fields: { process: id, event },
  });
  yield entry("start", { at: startedAt, level: "info", message: [cmd, ...args].join(" ") });
  for await (const { at, stream, data } of output) {
    const level = stream === "stderr" ? "warn" : "info";
    for (const message of data.split("\n").filter((text) => text !== "")) {
      yield entry(stream, { at, level, message });
    }
  }
  if (exitCode === null) return;
  const at = Math.round(startedAt + (durationMs ?? 0));
  yield entry("end", { at, level: "info", message: `ended with exit code ${exitCode}` });
}

function presentEntry({ at, level, message, fields }: Entry) {
  return { timestamp: toTime(at), level, message, fields };
}
