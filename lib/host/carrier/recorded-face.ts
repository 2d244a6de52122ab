import { memoryStore } from "../../backends/store/memory-store.ts";
import type { HostedSandbox } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Engine, SandboxView } from "../../engine/engine.ts";
import type { Log } from "../../engine/ports.ts";
import { errorAnswer } from "../../faces/vercel/answers.ts";
import { vercelFace } from "../../faces/vercel/vercel-face.ts";
import { lostSandbox } from "./lost-sandbox.ts";

const SILENT: Log = { info: () => undefined, warn: () => undefined };

/** The error as an answer of the API's. */
export function refusal(error: SandboxError): Response {
  return errorAnswer(error, { log: SILENT, during: "a call to a sandbox in a run" });
}

/**
 * Answers lists, and questions about single sandboxes, from what their hosts told last, in the API's own
 * words. What needs a sandbox's files or processes is refused. `deleted` is told of each lost one that is
 * deleted: there is no host to do it.
 */
export function recordedFace(
  hosted: readonly HostedSandbox[],
  { deleted = async () => undefined }: { deleted?: (name: string) => Promise<void> } = {},
): (request: Request) => Promise<Response> {
  const store = memoryStore();
  const lost = new Set<string>();
  for (const { sandbox, session, state } of hosted) {
    // What is not held runs no more, whatever was told before.
    const isOver = state !== "running" && sandbox.status !== "stopped";
    store.sandboxes.put(isOver ? { ...sandbox, status: "stopped" } : sandbox);
    store.sessions.put(isOver ? { ...session, status: "aborted" } : session);
    if (state === "lost") lost.add(sandbox.name);
  }
  const viewOf = (name: string): SandboxView => {
    const sandbox = store.sandboxes.get(name);
    const session = sandbox && store.sessions.get(sandbox.currentSessionId);
    if (!session) {
      throw new SandboxError("sandbox_not_found", `There is no sandbox ${name}.`);
    }
    return { sandbox, session, routes: [] };
  };
  const sandboxes: Pick<Engine["sandboxes"], "list" | "get" | "delete"> = {
    list({ sortBy = "createdAt", namePrefix, tags, statuses, ...page }) {
      return store.sandboxes.page({
        ...page,
        sortBy,
        ...(namePrefix !== undefined && { namePrefix }),
        ...(tags && { tags }),
        ...(statuses && { oneOf: { status: statuses } }),
      });
    },
    async get(name) {
      const view = viewOf(name);
      if (lost.has(name)) throw lostSandbox(name);
      return { ...view, resumed: false };
    },
    async delete(name) {
      const view = viewOf(name);
      await deleted(name);
      return view;
    },
  };
  const sessions: Pick<Engine["sessions"], "get"> = {
    async get(id) {
      const session = store.sessions.get(id);
      if (!session) throw new SandboxError("session_not_found", `There is no session ${id}.`);
      if (lost.has(session.sandboxName)) throw lostSandbox(session.sandboxName);
      return { session, routes: [] };
    },
  };
  const face = vercelFace({
    // The face calls nothing else for the requests that come here; what it would call is refused below.
    engine: { sandboxes, sessions } as unknown as Engine,
    openInteractive: async () => {
      throw new SandboxError("unsupported", "There is no terminal here.");
    },
    log: SILENT,
  });
  return (request) => face.fetch(request);
}
