import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Page } from "../../contract/page.ts";
import type { Sandbox } from "../../contract/sandbox.ts";
import { checkFields } from "../../engine/face-request.ts";
import type { Engine } from "../../engine/engine.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { keptOf } from "./kept.ts";
import { DEFAULT_DISK_GIB, statusesOf } from "./present-sandbox.ts";
import { Flag, PageSize, Time } from "./read-request.ts";
import { unsupported } from "./wire-sandbox.ts";

const Count = z.coerce.number();

/** A list in a query, however the client wrote it: the vendor's own repeats the parameter. */
const Words = z.string().transform((text) => text.split(",").filter((word) => word !== ""));

const Filters = z.object({
  cursor: z.string().min(1).optional(),
  limit: PageSize,
  id: z.string().optional(),
  name: z.string().optional(),
  labels: z.string().transform(parseLabels).optional(),
  states: Words.optional(),
  snapshots: Words.optional(),
  regionIds: Words.optional(),
  sandboxClasses: Words.optional(),
  minCpu: Count.optional(),
  maxCpu: Count.optional(),
  minMemoryGiB: Count.optional(),
  maxMemoryGiB: Count.optional(),
  minDiskGiB: Count.optional(),
  maxDiskGiB: Count.optional(),
  isPublic: Flag.optional(),
  lastEventAfter: Time.optional(),
  lastEventBefore: Time.optional(),
  autoDestroyAtAfter: Time.optional(),
  autoDestroyAtBefore: Time.optional(),
  createdAtAfter: Time.optional(),
  createdAtBefore: Time.optional(),
  sort: z.enum(["name", "createdAt"]).default("createdAt"),
  order: z.enum(["asc", "desc"]).default("desc"),
  // There is nothing of these kinds here, so that asking for them changes nothing.
  includeErroredDeleted: Flag.optional(),
  includeWarm: Flag.optional(),
});
type Filters = z.output<typeof Filters>;

/**
 * One page of the sandboxes of all faces. What the engine does not filter by is filtered here, so that a page
 * may be shorter than its limit, or empty, and another one follow it.
 */
export function listSandboxes(
  engine: Pick<Engine, "sandboxes">,
  query: Record<string, unknown>,
): Page<Sandbox> {
  const [unknown] = Object.keys(query).filter((name) => !(name in Filters.shape));
  if (unknown !== undefined) throw unsupported(unknown, "this list cannot be filtered by it");
  const filters = checkFields(Filters, query, "this list's query");
  const { cursor, limit, labels, sort, order } = filters;
  const statuses = filters.states?.flatMap(statusesOf);
  // None of the wanted states is one that a sandbox can be in.
  if (statuses?.length === 0) return { items: [] };
  const page = engine.sandboxes.list(
    withoutUndefined({
      cursor,
      limit: Math.min(limit, LIMITS.pageSize),
      tags: labels,
      statuses,
      sortBy: sort,
      sortOrder: order,
      namePrefix: filters.name,
    }),
  );
  return { ...page, items: page.items.filter((sandbox) => passes(sandbox, filters)) };
}

function passes(sandbox: Sandbox, filters: Filters): boolean {
  const kept = keptOf(sandbox);
  const memoryGiB = sandbox.memoryMb / 1_024;
  return [
    filters.id === undefined || sandbox.id.startsWith(filters.id),
    filters.snapshots === undefined || filters.snapshots.includes(kept.snapshot ?? ""),
    filters.regionIds === undefined || filters.regionIds.includes(kept.target),
    filters.sandboxClasses === undefined || filters.sandboxClasses.includes("container"),
    filters.isPublic === undefined || filters.isPublic === kept.public,
    isBetween(sandbox.vcpus, filters.minCpu, filters.maxCpu),
    isBetween(memoryGiB, filters.minMemoryGiB, filters.maxMemoryGiB),
    isBetween(kept.disk ?? DEFAULT_DISK_GIB, filters.minDiskGiB, filters.maxDiskGiB),
    isBetween(sandbox.updatedAt, filters.lastEventAfter, filters.lastEventBefore),
    isDestroyedWithin(sandbox, filters),
    isBetween(sandbox.createdAt, filters.createdAtAfter, filters.createdAtBefore),
  ].every(Boolean);
}

/** One that is never destroyed is within no time, but within all of it. */
function isDestroyedWithin({ life }: Sandbox, filters: Filters): boolean {
  const { autoDestroyAtAfter: after, autoDestroyAtBefore: before } = filters;
  if (life?.deleteAt === undefined) return (after ?? before) === undefined;
  return isBetween(life.deleteAt, after, before);
}

function isBetween(value: number, least = -Infinity, most = Infinity): boolean {
  return value >= least && value <= most;
}

function parseLabels(text: string): Record<string, string> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch (error) {
    throw new SandboxError(
      "invalid_request",
      '`labels`: write them as a JSON object of texts, such as {"env":"ci"}.',
      { cause: error },
    );
  }
}
