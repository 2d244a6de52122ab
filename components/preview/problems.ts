import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import type { PreviewMessage } from "@/studio/contract/preview.ts";
import type { RuntimeProblem } from "@/studio/contract/runtime-error.ts";

// A page that throws in a loop fills no memory.
const KEPT = 50;

/** An error of the app's page in the studio's words, cut to what a report may hold. */
export function toProblem(message: Extract<PreviewMessage, { kind: "error" }>): RuntimeProblem {
  const { detail, location } = message;
  return {
    source: "browser",
    message:
      message.message.slice(0, STUDIO_LIMITS.errorTextLength) || "An error without a message",
    ...(detail ? { detail: detail.slice(0, STUDIO_LIMITS.errorTextLength) } : {}),
    ...(location ? { location: location.slice(0, 2_000) } : {}),
  };
}

/** The list with it at its end; the same one again is not added, and the oldest give way. */
export function addProblem(
  problems: readonly RuntimeProblem[],
  problem: RuntimeProblem,
): readonly RuntimeProblem[] {
  const known = problems.some(
    ({ message, location }) => message === problem.message && location === problem.location,
  );
  return known ? problems : [...problems, problem].slice(-KEPT);
}
