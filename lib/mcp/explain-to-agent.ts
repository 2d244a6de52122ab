import { SandboxError } from "../contract/errors.ts";
import { describeError } from "../trigger-client/describe-error.ts";

const LOOK_AROUND =
  "Call `list` to see the sandboxes, or one sandbox's commands; `create` makes a sandbox.";
const ASK_THE_USER = "Ask the user to run `sandlot doctor`.";

/** What an agent can do about it, in terms of its tools: by our own codes, and by those that the vendor's API has. */
const ADVICE: Record<string, string> = {
  not_found: LOOK_AROUND,
  sandbox_not_found: LOOK_AROUND,
  command_not_found: LOOK_AROUND,
  file_not_found: "Look with `run`, such as `ls -la`.",
  conflict: "Use the one that is there, or give another name.",
  sandbox_stopped: "It has stopped for good. Call `create` to make another one.",
  snapshot_not_found: "Call `snapshot` to make one; it gives the id.",
  rate_limited: "Call `list`, then `stop` with delete for what is not needed any more.",
  sandbox_timeout_invalid: "Give a shorter timeoutMs.",
  storage_full: "Delete files in the sandbox, or `stop` sandboxes with delete.",
  service_unavailable: ASK_THE_USER,
  engine_unavailable: ASK_THE_USER,
  isolation_unavailable: ASK_THE_USER,
};

/** What went wrong and what to do, in one text. */
export function explainToAgent(error: unknown): string {
  const advice = ADVICE[codeOf(error) ?? ""];
  return [describeError(error), ...(advice === undefined ? [] : [advice])].join("\n");
}

/** The fault behind it: our own error's, or the one that the engine's answer names. */
function codeOf(error: unknown): string | undefined {
  if (SandboxError.is(error)) return error.code;
  if (!(error instanceof Error) || !("json" in error)) return undefined;
  const { json } = error;
  if (typeof json !== "object" || json === null || !("error" in json)) return undefined;
  const fault: unknown = json.error;
  if (typeof fault !== "object" || fault === null || !("code" in fault)) return undefined;
  return typeof fault.code === "string" ? fault.code : undefined;
}
