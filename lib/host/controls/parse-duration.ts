import { SandboxError } from "../../contract/errors.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from a text such as `90s`, `1h30m` or `250ms`, or a number of them. Throws `invalid_request`. */
export function parseDuration(duration: string | number): number {
  if (typeof duration === "number") return duration;
  const parts = [...duration.matchAll(/(\d{1,12})(ms|[smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) {
    throw new SandboxError(
      "invalid_request",
      `"${duration}" is no length of time. Write one as 250ms, 90s, 5m or 1h30m.`,
    );
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0), 0);
}
