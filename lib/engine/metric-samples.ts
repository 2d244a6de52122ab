import type { Session } from "../contract/sandbox.ts";
import type { Usage, UsageSample } from "../contract/usage.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import type { Clock } from "./ports.ts";
import { hasEnded } from "./sessions/session-lifecycle.ts";

/** Of one session, the latest; of sessions, those that were asked about last. */
const SAMPLES = 1_000;
const SESSIONS = 1_000;

const MEGABYTE = 1024 * 1024;

/** A sample, and the processor time that it was taken at. */
interface Taken {
  sample: UsageSample;
  cpuMs: number;
}

export interface MetricSamplesOptions {
  clock: Pick<Clock, "now">;
  sessions: {
    known(sessionId: string): Session;
    usage(sessionId: string, options: { disk: boolean }): Promise<Usage>;
  };
}

/** What sessions used, as far as somebody asked. Nothing is measured in between: an idle engine stays idle. */
export class MetricSamples {
  readonly #options: MetricSamplesOptions;
  readonly #taken = new Map<string, Taken[]>();

  constructor(options: MetricSamplesOptions) {
    this.#options = options;
  }

  async samples(
    sessionId: string,
    {
      from = Number.NEGATIVE_INFINITY,
      to = Number.POSITIVE_INFINITY,
    }: { from?: number; to?: number } = {},
  ): Promise<UsageSample[]> {
    const { sessions, clock } = this.#options;
    const session = sessions.known(sessionId);
    const begun = beginOf(session);
    const usage = await sessions.usage(sessionId, { disk: true });
    const before = this.#taken.get(sessionId) ?? [];
    const at = hasEnded(session)
      ? (session.stoppedAt ?? session.abortedAt ?? session.updatedAt)
      : clock.now();
    const latest = sampleAt(at, { session, usage, last: before.at(-1) ?? begun });
    if (!hasEnded(session))
      this.#remember(sessionId, [...before, { sample: latest, cpuMs: usage.cpuMs }]);
    return [begun, ...before]
      .map(({ sample }) => sample)
      .concat(latest)
      .filter((sample) => sample.at >= from && sample.at <= to);
  }

  #remember(sessionId: string, taken: Taken[]): void {
    this.#taken.delete(sessionId);
    this.#taken.set(sessionId, taken.slice(-SAMPLES));
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > SESSIONS && oldest !== undefined) this.#taken.delete(oldest);
  }
}

function beginOf(session: Session): Taken {
  const at = session.startedAt ?? session.createdAt;
  return { sample: { at, cpuUsedPercent: 0, ...totals(session) }, cpuMs: 0 };
}

function sampleAt(
  at: number,
  { session, usage, last }: { session: Session; usage: Usage; last: Taken },
): UsageSample {
  const { memoryBytes, memoryCacheBytes, diskBytes, diskFreeBytes } = usage;
  const possibleMs = (at - last.sample.at) * session.vcpus;
  const share = possibleMs > 0 ? (usage.cpuMs - last.cpuMs) / possibleMs : 0;
  return {
    at,
    // Times are counted in steps, so that a short while can seem more than full.
    cpuUsedPercent: Math.min(100, Math.max(0, 100 * share)),
    ...totals(session),
    ...withoutUndefined({
      memoryUsedBytes: memoryBytes,
      memoryCacheBytes,
      diskUsedBytes: diskBytes,
      diskTotalBytes:
        diskBytes === undefined || diskFreeBytes === undefined
          ? undefined
          : diskBytes + diskFreeBytes,
    }),
  };
}

function totals({ vcpus, memoryMb }: Session): Pick<UsageSample, "cpuCount" | "memoryTotalBytes"> {
  return { cpuCount: vcpus, memoryTotalBytes: memoryMb * MEGABYTE };
}
