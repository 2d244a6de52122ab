import type { Sandbox } from "sandlot";
import { appAnswers } from "../../../ai/tools/ask-app.ts";
import { PROJECT_PORTS } from "../../contract/limits.ts";

/** Where an app answers, and where there was no answer in time, neither the app's nor the engine's. */
export interface FoundPorts {
  up: number | undefined;
  slow: number | undefined;
}

/** Asks the ports of a project's sandbox: the expected one comes first, then those of common tools. Never rejects. */
export async function findPorts(
  sandbox: Sandbox,
  { expected, patienceMs }: { expected: number | undefined; patienceMs: number },
): Promise<FoundPorts> {
  const exposed = sandbox.routes.map(({ port }) => port);
  const ports = [...new Set([...(expected === undefined ? [] : [expected]), ...PROJECT_PORTS])];
  const asked = await Promise.all(
    ports
      .filter((port) => exposed.includes(port))
      .map(async (port) => ({ port, is: await lookAt(sandbox.domain(port), patienceMs) })),
  );
  return {
    up: asked.find(({ is }) => is === "up")?.port,
    slow: asked.find(({ is }) => is === "slow")?.port,
  };
}

async function lookAt(url: string, patienceMs: number): Promise<"up" | "slow" | "silent"> {
  try {
    return (await appAnswers(url, AbortSignal.timeout(patienceMs))) ? "up" : "silent";
  } catch {
    // An app that takes long, or an engine that is too busy to say that there is none: nobody can tell yet.
    return "slow";
  }
}
