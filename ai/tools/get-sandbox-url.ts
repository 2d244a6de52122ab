import { tool } from "ai";
import { StudioError } from "../../studio/contract/errors.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";
import { waitForAnswer } from "./wait-for-answer.ts";
import type { ToolContext } from "./tool-context.ts";

/** For a server that this turn started. */
const STARTING_MS = 8_000;
/** For one that should be there: enough for an answer, and what is down stays down. */
const RUNNING_MS = 1_000;

/** Gives the address of a port, and shows it to the user. */
export function getSandboxUrlTool(context: ToolContext) {
  return tool({
    description:
      "Gives the URL of a port of the sandbox and shows it to the user in the preview. Waits a few seconds for the app to answer; listening says whether it did. Call it after the server was started.",
    inputSchema: TOOLS.getSandboxUrl.input,
    outputSchema: TOOLS.getSandboxUrl.output,
    execute: ({ port }, call) =>
      attempt(`get the URL of port ${port}`, call.abortSignal, async () => {
        const { ports } = context.workspace.newSandbox;
        if (!ports.includes(port)) {
          throw new StudioError(
            "bad_request",
            `Port ${port} cannot be reached from outside. Let the app listen on one of these: ${ports.join(", ")}.`,
          );
        }
        const sandbox = await openSandbox(context, call);
        context.workspace.portExpected(port);
        const url = await sandbox.urlOf(port);
        const patienceMs = context.background.size > 0 ? STARTING_MS : RUNNING_MS;
        const listening = await waitForAnswer(url, { signal: call.abortSignal, patienceMs });
        return { port, url, listening };
      }),
  });
}
