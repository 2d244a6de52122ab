import { tool } from "ai";
import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import { StudioError } from "../../studio/contract/errors.ts";
import { TOOLS } from "../../studio/contract/tools.ts";
import { openSandbox } from "./open-sandbox.ts";
import { attempt } from "./tool-error.ts";
import type { TurnNotes } from "./turn-notes.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

/** For a server that this turn started. */
const STARTING_MS = 8_000;
/** For one that should be there: enough for an answer, and what is down stays down. */
const RUNNING_MS = 1_000;

/** Gives the address of a port, and shows it to the user. */
export function getSandboxUrlTool(workspace: AgentWorkspace, turn: TurnNotes) {
  return tool({
    description:
      "Gives the URL of a port of the sandbox and shows it to the user in the preview. Waits a few seconds for the app to answer; listening says whether it did. Call it after the server was started.",
    inputSchema: TOOLS.getSandboxUrl.input,
    outputSchema: TOOLS.getSandboxUrl.output,
    execute: ({ port }, { abortSignal }) =>
      attempt(`get the URL of port ${port}`, abortSignal, async () => {
        const { ports } = workspace.newSandbox;
        const sandbox = await openSandbox(workspace, abortSignal);
        if (!sandbox.routes.some((route) => route.port === port)) {
          throw new StudioError(
            "bad_request",
            `Port ${port} cannot be reached from outside. Let the app listen on one of these: ${ports.join(", ")}.`,
          );
        }
        workspace.portExpected(port);
        const url = sandbox.domain(port);
        const patienceMs = turn.startedInBackground ? STARTING_MS : RUNNING_MS;
        const listening = await waitForAnswer(url, { signal: abortSignal, patienceMs });
        return { port, url, listening };
      }),
  });
}
