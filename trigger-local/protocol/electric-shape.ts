import type { Engine } from "../engine/engine.ts";
import type { Run } from "../store/run.ts";

/** The types of the columns, as Electric tells them to its client, which turns the texts into values by them. */
export const SHAPE_SCHEMA = {
  id: { type: "text" },
  taskIdentifier: { type: "text" },
  friendlyId: { type: "text" },
  status: { type: "text" },
  createdAt: { type: "timestamp" },
  updatedAt: { type: "timestamp" },
  startedAt: { type: "timestamp" },
  delayUntil: { type: "timestamp" },
  queuedAt: { type: "timestamp" },
  expiredAt: { type: "timestamp" },
  completedAt: { type: "timestamp" },
  idempotencyKey: { type: "text" },
  number: { type: "int4" },
  isTest: { type: "bool" },
  usageDurationMs: { type: "int4" },
  costInCents: { type: "float8" },
  baseCostInCents: { type: "float8" },
  ttl: { type: "text" },
  payload: { type: "text" },
  payloadType: { type: "text" },
  metadata: { type: "text" },
  metadataType: { type: "text" },
  output: { type: "text" },
  outputType: { type: "text" },
  runTags: { type: "text", dims: 1 },
  error: { type: "jsonb" },
  realtimeStreams: { type: "text", dims: 1 },
} as const;

type Column = keyof typeof SHAPE_SCHEMA;

/** A message for a row that is new to the client, or has changed. Every column is in it either way. */
export function shapeMessage(
  engine: Engine,
  run: Run,
  { operation, skipped }: { operation: "insert" | "update"; skipped: ReadonlySet<string> },
) {
  const value = Object.entries(shapeRow(engine, run)).filter(([column]) => !skipped.has(column));
  return {
    key: `"public"."TaskRun"/"${run.id}"`,
    value: Object.fromEntries(value),
    headers: { operation, relation: ["public", "TaskRun"] },
  };
}

function shapeRow(engine: Engine, run: Run): Record<Column, string | null> {
  return {
    id: run.id,
    taskIdentifier: run.task,
    friendlyId: run.id,
    status: run.status,
    createdAt: timestamp(run.createdAt),
    updatedAt: timestamp(run.updatedAt),
    startedAt: timestamp(run.startedAt),
    delayUntil: timestamp(run.delayUntil),
    queuedAt: timestamp(run.queuedAt),
    expiredAt: timestamp(run.expiredAt),
    completedAt: timestamp(run.completedAt),
    idempotencyKey: run.idempotencyKey ?? null,
    number: String(run.number),
    isTest: run.isTest ? "true" : "false",
    usageDurationMs: String(Math.round(run.usageMs)),
    costInCents: "0",
    baseCostInCents: "0",
    ttl: run.ttl ?? null,
    payload: engine.runs.payload(run.id) ?? null,
    payloadType: run.payloadType,
    metadata: run.metadata ?? null,
    metadataType: run.metadataType,
    output: engine.runs.output(run.id) ?? null,
    outputType: run.outputType ?? null,
    runTags: arrayLiteral(run.tags),
    error: run.error ? JSON.stringify(run.error) : null,
    realtimeStreams: arrayLiteral(run.streams),
  };
}

// Postgres' timestamps have no zone, and the SDK puts the Z behind them.
function timestamp(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString().replace("Z", "");
}

function arrayLiteral(texts: readonly string[]): string {
  const quoted = texts.map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  return `{${quoted.join(",")}}`;
}
