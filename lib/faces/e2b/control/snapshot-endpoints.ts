import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { Snapshot } from "../../../contract/snapshot.ts";
import type { SandboxView } from "../../../engine/engine.ts";
import { json } from "../answers.ts";
import { wireError } from "../faults.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { type Call, type Endpoint, readBody, readQuery } from "./endpoint.ts";
import { filteredPage, PageQuery, withNextToken } from "./pages.ts";
import { presentSandbox, stateOf } from "./present-sandbox.ts";
import { allTemplates } from "./template-lists.ts";
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

  /** The sandbox goes on as it was; what asks for the copy does not count as its end. */
  async function capture({ session }: SandboxView): Promise<Snapshot> {
    const { snapshot } = await engine.sessions.snapshot(session.id, {
      expirationMs: 0,
    });
    return snapshot;
  }

  async function runningOnly({ parameter }: Call): Promise<SandboxView> {
    const view = await engine.sandboxes.byId(parameter("id"));
    if (stateOf(view.sandbox) === "running") return view;
    throw new SandboxError(
      "sandbox_paused",
      `Sandbox ${view.sandbox.id} is paused: connect to it first.`,
    );
  }

  return [
    {
      method: "POST",
      path: "/sandboxes/:id/snapshots",
      async answer(call) {
        const { name } = await readBody(call, SnapshotBody, "a snapshot");
        const snapshot = await capture(await runningOnly(call));
        if (name === undefined)
          return json({ snapshotID: snapshot.id, names: [] }, { status: 201 });
        const { template, build } = await engine.templates.create({ names: [name] });
        await engine.templates.startBuild(template.id, build.id, {
          from: { snapshotId: snapshot.id },
        });
        await engine.templates.wait(template.id, build.id, { signal: call.request.signal });
        return json({ snapshotID: snapshot.id, names: template.names }, { status: 201 });
      },
    },
    {
      method: "GET",
      path: "/snapshots",
      async answer(call) {
        const query = readQuery(call, SnapshotsQuery, "this list's query");
        const names = await namesOfSnapshots(context);
        const sandboxName =
          query.sandboxID === undefined
            ? undefined
            : (await engine.sandboxes.byId(query.sandboxID)).sandbox.name;
        const page = filteredPage<Snapshot>(
          (part) =>
            engine.snapshots.list({
              ...part,
              sortOrder: "desc",
              ...(sandboxName !== undefined && { sandboxName }),
            }),
          { limit: query.limit, cursor: query.nextToken },
          ({ id, status, creationMethod }) =>
            status === "created" &&
            creationMethod === "manual" &&
            (query.name === undefined || (names.get(id) ?? []).includes(query.name)),
        );
        const shown = page.items.map(({ id }) => ({ snapshotID: id, names: names.get(id) ?? [] }));
        return withNextToken(json(shown), page.next);
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:id/fork",
      async answer(call) {
        const { count, timeout } = await readBody(call, ForkBody, "a fork");
        const timeoutMs = toTimeoutMs(timeout);
        const view = await runningOnly(call);
        const { id: currentSnapshotId } = await capture(view);
        const { signal } = call.request;
        const copies = Array.from({ length: count }, async () => {
          try {
            const { name } = view.sandbox;
            const fork = await engine.sandboxes.fork(
              name,
              { timeoutMs, currentSnapshotId },
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

/** What the snapshots are called that were given names: each is a template with nothing but a snapshot. */
async function namesOfSnapshots({ engine }: E2bContext): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  for (const template of allTemplates(engine)) {
    for (const { snapshotId } of await engine.templates.builds(template.id)) {
      if (snapshotId !== undefined) names.set(snapshotId, template.names);
    }
  }
  return names;
}
