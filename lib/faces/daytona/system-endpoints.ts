import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { Environment } from "../../contract/sandbox.ts";
import type { UsageSample } from "../../contract/usage.ts";
import type { Endpoint } from "../../engine/face-request.ts";
import { type DaytonaContext, json, type ToolboxEndpoint } from "./answers.ts";
import { changeSandbox, findSandbox } from "./find-sandbox.ts";
import { toTime } from "./present-sandbox.ts";
import { joinRepeated, readQuery, readToolboxJson, Time } from "./read-request.ts";

const EnvBody = z.object({
  set: Environment.optional(),
  unset: z.array(z.string()).optional(),
  unsetValuePrefix: z.string().optional(),
});

const MetricsQuery = z.object({
  from: Time.optional(),
  to: Time.optional(),
  metricNames: z.string().optional(),
});

/** The vendor's name for each figure of a sample. */
const METRICS = {
  "daytona.sandbox.cpu.utilization": "cpuUsedPercent",
  "daytona.sandbox.cpu.limit": "cpuCount",
  "daytona.sandbox.memory.usage": "memoryUsedBytes",
  "daytona.sandbox.memory.limit": "memoryTotalBytes",
  "daytona.sandbox.memory.cache": "memoryCacheBytes",
  "daytona.sandbox.filesystem.usage": "diskUsedBytes",
  "daytona.sandbox.filesystem.total": "diskTotalBytes",
} as const satisfies Record<string, keyof UsageSample>;

/** What a toolbox says of the sandbox as a machine. */
export function systemEndpoints(context: DaytonaContext): ToolboxEndpoint[] {
  const { engine } = context;
  return [
    { method: "GET", path: "/version", answer: async () => json({ version: "sandlot" }) },
    {
      method: "GET",
      path: "/user-home-dir",
      answer: async ({ sandbox }) => json({ dir: sandbox.home }),
    },
    { method: "GET", path: "/work-dir", answer: async ({ sandbox }) => json({ dir: sandbox.cwd }) },
    {
      method: "GET",
      path: "/system/metrics",
      async answer({ session }) {
        const samples = await engine.metrics(session.id);
        const sample = samples.at(-1);
        if (sample) return json(presentMetrics(sample));
        throw new SandboxError(
          "sandbox_stopped",
          "The sandbox does not run, so that there is nothing to measure.",
        );
      },
    },
    {
      method: "POST",
      path: "/env",
      async answer({ request, sandbox }) {
        const {
          set = {},
          unset = [],
          unsetValuePrefix,
        } = await readToolboxJson(request, EnvBody, "variables");
        return changeSandbox(context, sandbox.id, async ({ sandbox: { name, env: before } }) => {
          const kept = Object.entries(before).filter(
            ([variable, value]) =>
              !unset.includes(variable) &&
              (unsetValuePrefix === undefined || !value.startsWith(unsetValuePrefix)),
          );
          const env = { ...Object.fromEntries(kept), ...set };
          await engine.sandboxes.update(name, { env });
          return json(env);
        });
      },
    },
  ];
}

/** What the API says of itself and of how sandboxes did over time. */
export function telemetryEndpoints(context: DaytonaContext): Endpoint[] {
  return [
    // Clients look in it for another server that has the figures: there is none.
    { method: "GET", path: "/config", answer: async () => json({}) },
    {
      method: "GET",
      path: "/sandbox/:id/telemetry/metrics",
      async answer({ url, parameter }) {
        const { from, to, metricNames } = readQuery(
          joinRepeated(url),
          MetricsQuery,
          "a range of metrics",
        );
        const { session } = await findSandbox(context, parameter("id"));
        const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
        const samples = await context.engine.metrics(session.id, range);
        const wanted = metricNames?.split(",");
        const series = Object.entries(METRICS)
          .filter(([metricName]) => wanted === undefined || wanted.includes(metricName))
          .map(([metricName, field]) => ({ metricName, dataPoints: dataPoints(samples, field) }));
        return json({ series });
      },
    },
  ];
}

function dataPoints(
  samples: readonly UsageSample[],
  field: (typeof METRICS)[keyof typeof METRICS],
) {
  return samples.flatMap((sample) => {
    const value = sample[field];
    return value === undefined ? [] : [{ timestamp: toTime(sample.at), value }];
  });
}

function presentMetrics(sample: UsageSample) {
  const { diskTotalBytes = 0, diskUsedBytes = 0 } = sample;
  return {
    cpuCount: sample.cpuCount,
    cpuUsedPct: sample.cpuUsedPercent,
    memTotal: sample.memoryTotalBytes,
    memUsed: sample.memoryUsedBytes ?? 0,
    memCache: sample.memoryCacheBytes ?? 0,
    diskTotal: diskTotalBytes,
    diskUsed: diskUsedBytes,
    diskFree: Math.max(0, diskTotalBytes - diskUsedBytes),
    timestamp: toTime(sample.at),
    timestampUnix: Math.floor(sample.at / 1_000),
  };
}
