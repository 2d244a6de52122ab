import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { Snapshot } from "../../../contract/snapshot.ts";
import type { SandboxView } from "../../../engine/engine.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { json } from "../answers.ts";
import { wireError } from "../faults.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readBody, readQuery } from "./read-request.ts";
import { filteredPage, PageQuery, withNextToken } from "./pages.ts";
import { presentSandbox, stateOf } from "./present-sandbox.ts";
import { isOwn } from "./resolve-template.ts";
import { ForkBody, toTimeoutMs } from "./wire-sandbox.ts";

const SnapshotBody = z.object({ name: z.string().min(1).optional() });

const SnapshotsQuery = z.object({
  ...PageQuery.shape,
  sandboxID: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
});

/**
 * Copies of a sandbox that go on while it does. Of what runs in it only the files are copied: this engine
 * has no copy of a living process.
 */
export function snapshotEndpoints(context: E2bContext): Endpoint[] {
  const { engine, log } = context;

  async function runningOnly({ parameter }: Call): Promise<SandboxView> {
    const view = await engine.sandboxes.byId(parameter("id"));
    if (stateOf(view.sandbox) === "running") return view;
    throw new SandboxError(
      "sandbox_paused",
      `Sandbox ${view.sandbox.id} is paused: connect to it first.`,
    );
  }

  async function nameOf(sandboxId: string): Promise<string | undefined> {
    try {
      return (await engine.sandboxes.byId(sandboxId)).sandbox.name;
    } catch (error) {
      if (SandboxError.is(error) && error.code === "sandbox_not_found") return undefined;
      throw error;
    }
  }

  return [
    {
      method: "POST",
      path: "/sandboxes/:id/snapshots",
      async answer(call) {
        const { name } = await readBody(call, SnapshotBody, "a snapshot");
        const { session } = await runningOnly(call);
        const { snapshot } = await engine.sessions.snapshot(session.id, {
          keepRunning: true,
          expirationMs: 0,
          ...(name !== undefined && { name }),
        });
        return json(presentSnapshot(snapshot), { status: 201 });
      },
    },
    {
      method: "GET",
      path: "/snapshots",
      async answer(call) {
        const query = readQuery(call, SnapshotsQuery, "this list's query");
        const sandboxName = query.sandboxID && (await nameOf(query.sandboxID));
        // Nobody remembers what a killed sandbox was called.
        if (sandboxName === undefined && query.sandboxID !== undefined) return json([]);
        const page = filteredPage<Snapshot>(
          (part) =>
            engine.snapshots.list({
              ...part,
              sortOrder: "desc",
              ...(sandboxName !== undefined && { sandboxName }),
            }),
          { limit: query.limit, cursor: query.nextToken },
          (snapshot) =>
            isOwn(snapshot) && (query.name === undefined || snapshot.name === query.name),
        );
        return withNextToken(json(page.items.map(presentSnapshot)), page.next);
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:id/fork",
      async answer(call) {
        const { count, timeout } = await readBody(call, ForkBody, "a fork");
        const timeoutMs = toTimeoutMs(timeout);
        const view = await runningOnly(call);
        const { signal } = call.request;
        // It is for the copies alone: it goes when they have not been started from it for long.
        const { snapshot } = await engine.sessions.snapshot(view.session.id, {
          keepRunning: true,
          method: "automatic",
        });
        const copies = Array.from({ length: count }, async () => {
          try {
            const { name } = view.sandbox;
            const fork = await engine.sandboxes.fork(
              name,
              { timeoutMs, currentSnapshotId: snapshot.id },
              { signal },
            );
            return { sandbox: presentSandbox(fork.sandbox, context) };
          } catch (error) {
            signal.throwIfAborted();
            return { error: wireError(error, { log, during: "a fork" }) };
          }
        });
        return json(await Promise.all(copies), { status: 201 });
      },
    },
  ];
}

function presentSnapshot({ id, name }: Snapshot) {
  return { snapshotID: id, names: name === undefined ? [] : [name] };
}
