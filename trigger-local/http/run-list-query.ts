import * as z from "zod";
import { timeOf } from "../engine/times.ts";
import { statusesOf } from "../protocol/run-answers.ts";
import type { RunFilter } from "../store/run-filter.ts";

const list = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .optional();

/** The filters of `runs.list` that are kept here; others are not looked at. */
export const RunListQuery = z.object({
  "page[size]": z.coerce.number().int().min(1).max(100).default(25),
  "page[after]": z.string().optional(),
  "filter[status]": list,
  "filter[tag]": list,
  "filter[taskIdentifier]": list,
  "filter[batch]": z.string().optional(),
  "filter[createdAt][from]": z.coerce.number().optional(),
  "filter[createdAt][to]": z.coerce.number().optional(),
  "filter[createdAt][period]": z.string().optional(),
});

/** The same as a search in our runs. */
export function runFilter(query: z.output<typeof RunListQuery>): RunFilter {
  const statuses = query["filter[status]"]?.flatMap(statusesOf);
  const tags = query["filter[tag]"];
  const tasks = query["filter[taskIdentifier]"];
  const batchId = query["filter[batch]"];
  const period = query["filter[createdAt][period]"];
  const createdAfter =
    period === undefined
      ? query["filter[createdAt][from]"]
      : 2 * Date.now() - timeOf(period, "period");
  const createdBefore = query["filter[createdAt][to]"];
  return {
    ...(statuses && { statuses: new Set(statuses) }),
    ...(tags && { tags }),
    ...(tasks && { tasks }),
    ...(batchId !== undefined && { batchId }),
    ...(createdAfter !== undefined && { createdAfter }),
    ...(createdBefore !== undefined && { createdBefore }),
  };
}
