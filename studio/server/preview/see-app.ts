import type { Sandbox } from "sandlot";
import type { CommandSummary } from "../../contract/command.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { PreviewState } from "../../contract/preview.ts";
import { isRunning, isServer } from "../commands/command-watch.ts";
import { readLastLines } from "../commands/last-lines.ts";
import { findPorts } from "./find-port.ts";

/** Where a look at a project's app begins. */
export interface LookRequest {
  sandbox: Sandbox;
  /** The commands that go on by themselves, the agent's and the user's, newest first. */
  background: readonly CommandSummary[];
  expectedPort: number | undefined;
  /** Where it was up when last seen. */
  upAt: number | undefined;
  isAtWork: boolean;
  patienceMs: number;
}

/** What was seen. */
export interface Sight {
  state: PreviewState;
  /** Something did not answer in time. */
  isSlow: boolean;
  /** It may come up without anybody saying so. */
  mayChange: boolean;
}

/** Looks at a project's app. */
export async function seeApp(request: LookRequest): Promise<Sight> {
  const { sandbox, background, expectedPort, upAt, isAtWork, patienceMs } = request;
  if (sandbox.status !== "running") {
    const message = "The sandbox is stopped. Its files are kept: resume it to go on.";
    return { state: { phase: "stopped", message }, isSlow: false, mayChange: false };
  }
  const { up, slow } = await findPorts(sandbox, { expected: expectedPort, patienceMs });
  const isSlow = slow !== undefined;
  const running = background.filter(isRunning);
  // An app that is busy for a while has not gone.
  const port = up ?? (upAt !== undefined && upAt === slow ? upAt : undefined);
  if (port !== undefined) {
    const cmdId = running[0] ? { cmdId: running[0].cmdId } : {};
    const message = `The app runs on port ${port}.`;
    return { state: { phase: "up", port, message, ...cmdId }, isSlow, mayChange: isSlow };
  }
  const waiting = running.find(isServer);
  if (waiting) {
    const known = expectedPort === undefined ? {} : { port: expectedPort };
    const message = `Waiting until “${waiting.command}” listens on a port.`;
    const state = { phase: "waiting" as const, cmdId: waiting.cmdId, ...known, message };
    return { state, isSlow, mayChange: true };
  }
  if (isSlow) {
    const message = `Waiting for an answer from port ${slow}.`;
    return { state: { phase: "waiting", port: slow, message }, isSlow, mayChange: true };
  }
  if (isAtWork) {
    const message = "The agent is building. The preview starts when the app does.";
    return { state: { phase: "starting", message }, isSlow, mayChange: true };
  }
  // What the user starts may become a server, too, but nobody said so.
  const mayChange = running.length > 0;
  const server = background.find(isServer);
  return { state: server ? await describeEnded(sandbox, server) : notStarted(), isSlow, mayChange };
}

function notStarted(): PreviewState {
  return { phase: "stopped", message: "Nothing runs yet. Ask the agent to start the app." };
}

async function describeEnded(sandbox: Sandbox, server: CommandSummary): Promise<PreviewState> {
  const { cmdId, command, exitCode } = server;
  if (exitCode === null || exitCode === 0) {
    return {
      phase: "stopped",
      cmdId,
      message: `“${command}” has ended. Ask the agent to start it again.`,
    };
  }
  return {
    phase: "crashed",
    cmdId,
    exitCode,
    lastLines: await readLastLines(sandbox, cmdId, STUDIO_LIMITS.previewLogLines),
    message: `“${command}” ended with exit code ${exitCode}.`,
  };
}
