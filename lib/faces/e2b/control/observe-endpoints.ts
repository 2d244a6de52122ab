import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { UsageSample } from "../../../contract/usage.ts";
import type { Endpoint } from "../../../engine/face-request.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readQuery } from "./read-request.ts";
import { toTime } from "./present-sandbox.ts";

const Moment = z
  .string()
  .regex(/^\d{1,12}$/, { message: "expected seconds since the epoch" })
  .transform((text) => Number(text) * 1_000);

const MetricsQuery = z.object({ start: Moment.optional(), end: Moment.optional() });

const ManyQuery = z.object({
  sandbox_ids: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.string()).max(100)),
});

/** What sandboxes use. */
export function observeEndpoints({ engine }: E2bContext): Endpoint[] {
  /** Undefined also of a sandbox that is not there: the vendor's answer leaves it out. */
  async function latestSample(id: string): Promise<UsageSample | undefined> {
    try {
      const { session } = await engine.sandboxes.byId(id);
      return (await engine.metrics(session.id)).at(-1);
    } catch (error) {
      // A session is gone with a sandbox that is killed meanwhile.
      const missing = ["sandbox_not_found", "session_not_found"];
      if (SandboxError.is(error) && missing.includes(error.code)) return undefined;
      throw error;
    }
  }

  return [
    {
      method: "GET",
      path: "/sandboxes/metrics",
      async answer(call) {
        const { sandbox_ids: ids } = readQuery(call, ManyQuery, "this call's query");
        const latest = await Promise.all(
          ids.map(async (id) => [id, await latestSample(id)] as const),
        );
        const known = latest.flatMap(([id, sample]) =>
          sample ? [[id, presentSample(sample)] as const] : [],
        );
        return json({ sandboxes: Object.fromEntries(known) });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/:id/metrics",
      async answer(call) {
        const { start, end } = readQuery(call, MetricsQuery, "this call's query");
        const { session } = await engine.sandboxes.byId(call.parameter("id"));
        const range = withoutUndefined({ from: start, to: end });
        const samples = await engine.metrics(session.id, range);
        return json(samples.map(presentSample));
      },
    },
  ];
}

function presentSample(sample: UsageSample) {
  return {
    timestamp: toTime(sample.at),
    timestampUnix: Math.floor(sample.at / 1_000),
    cpuCount: sample.cpuCount,
    cpuUsedPct: sample.cpuUsedPercent,
    memUsed: sample.memoryUsedBytes,
    memTotal: sample.memoryTotalBytes,
    memCache: sample.memoryCacheBytes ?? 0,
    diskUsed: sample.diskUsedBytes,
    diskTotal: sample.diskTotalBytes,
  };
}
