import * as z from "zod";
import type { Sandbox, SandboxStatus } from "../../../contract/sandbox.ts";
import { everyItem } from "../../../engine/every-item.ts";
import type { Endpoint } from "../../../engine/face-request.ts";
import { json } from "../answers.ts";
import { keptOf } from "../kept.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readQuery } from "./read-request.ts";
import { filteredPage, PageQuery, withNextToken } from "./pages.ts";
import { BASE_TEMPLATE, presentListed } from "./present-sandbox.ts";

const STATUSES: Record<"running" | "paused", SandboxStatus[]> = {
  running: ["running", "stopping", "snapshotting"],
  paused: ["paused", "stopped"],
};

/** Twice encoded: each key and value by itself, and the whole as the parameter that it is. */
const Metadata = z.string().transform((text, { addIssue }) => {
  try {
    return Object.fromEntries(
      [...new URLSearchParams(text)].map(([key, value]) => [
        decodeURIComponent(key),
        decodeURIComponent(value),
      ]),
    );
  } catch {
    addIssue("expected pairs such as key=value&other=value, each part URL-encoded");
    return z.NEVER;
  }
});

const States = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(["running", "paused"])));

const ListQuery = z.object({
  ...PageQuery.shape,
  metadata: Metadata.optional(),
  state: States.optional(),
  template: z.string().min(1).optional(),
  startedAfter: z.iso.datetime({ offset: true }).optional(),
  order: z.enum(["asc", "desc"]).default("desc"),
});

const OldListQuery = z.object({ metadata: Metadata.optional() });

/** Lists of sandboxes, those of other faces included. */
export function listEndpoints({ engine }: E2bContext): Endpoint[] {
  const presented = (sandboxes: readonly Sandbox[]) =>
    Promise.all(
      sandboxes.map(async (sandbox) => {
        const { session } = await engine.sessions.get(sandbox.currentSessionId);
        return presentListed({ sandbox, session });
      }),
    );
  return [
    {
      method: "GET",
      path: "/v2/sandboxes",
      async answer(call) {
        const query = readQuery(call, ListQuery, "this list's query");
        const { limit, nextToken, metadata: tags, order, state } = query;
        const statuses = (state ?? ["running", "paused"]).flatMap((each) => STATUSES[each]);
        const after = query.startedAfter === undefined ? -Infinity : Date.parse(query.startedAfter);
        const page = filteredPage<Sandbox>(
          (part) =>
            engine.sandboxes.list({ ...part, sortOrder: order, statuses, ...(tags && { tags }) }),
          { limit, cursor: nextToken },
          // A list is in the order of making, so it is by that time that it is cut.
          (sandbox) => sandbox.createdAt > after && isOf(sandbox, query.template),
        );
        return withNextToken(json(await presented(page.items)), page.next);
      },
    },
    {
      method: "GET",
      path: "/sandboxes",
      async answer(call) {
        const { metadata: tags } = readQuery(call, OldListQuery, "this list's query");
        const all = everyItem((part) =>
          engine.sandboxes.list({
            ...part,
            sortOrder: "desc",
            statuses: STATUSES.running,
            ...(tags && { tags }),
          }),
        );
        return json(await presented([...all]));
      },
    },
  ];
}

function isOf(sandbox: Sandbox, template: string | undefined): boolean {
  if (template === undefined) return true;
  const { templateId = BASE_TEMPLATE, alias } = keptOf(sandbox);
  return template === templateId || template === alias;
}
