import { CreateBackgroundWorkerRequestBody, UpsertBranchRequestBody } from "@trigger.dev/core/v3";
import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import { Hono } from "hono";
import { IDENTITY } from "../protocol/identity.ts";
import { workerVariables } from "../protocol/worker-variables.ts";
import type { Worker } from "../store/worker-store.ts";
import { readBody } from "./body.ts";
import type { Platform } from "./context.ts";

/** What the CLI asks before it runs anything: who it is, which project, and where to put the tasks that it found. */
export function cliRoutes({ engine, keys, presence, url }: Platform): Hono {
  const app = new Hono();
  app.get("/api/v2/whoami", (c) =>
    c.json({
      userId: IDENTITY.user.id,
      email: IDENTITY.user.email,
      dashboardUrl: url(),
      project: {
        name: IDENTITY.project.name,
        url: url(),
        orgTitle: IDENTITY.organization.name,
      },
    }),
  );
  app.get("/api/v1/projects/:ref/envvars", (c) => c.json({ variables: workerVariables(url()) }));
  app.get("/api/v1/projects/:ref/:environment", (c) =>
    c.json({
      apiKey: keys.secretKey,
      name: IDENTITY.project.name,
      apiUrl: url(),
      projectId: c.req.param("ref"),
    }),
  );
  app.post("/api/v1/projects/:ref/branches", async (c) => {
    await readBody(c.req.raw, UpsertBranchRequestBody);
    // Branches part what the CLI keeps in the project's folder; here they are all one environment.
    return c.json({ id: IDENTITY.environment.id });
  });
  app.post("/api/v1/projects/:ref/background-workers", async (c) => {
    const body = await readBody(c.req.raw, CreateBackgroundWorkerRequestBody);
    const { sourceFiles: _, ...metadata } = body.metadata;
    const createdAt = Date.now();
    const worker: Worker = {
      id: generateFriendlyId("worker"),
      version: nextVersion(engine.workers.countSince(startOfDay(createdAt)), createdAt),
      createdAt,
      metadata,
    };
    engine.workers.save(worker);
    presence.registered();
    // Who waits with the id of the version before has to ask anew.
    engine.changes.announce("queue");
    engine.changes.announce("workers");
    return c.json({ id: worker.id, version: worker.version, contentHash: metadata.contentHash });
  });
  // Traces, logs and numbers: the page shows runs only.
  app.post("/otel/v1/:kind", (c) => c.json({}));
  return app;
}

/** Versions are named after the day: 20261121.1, 20261121.2, … */
function nextVersion(today: number, now: number): string {
  return `${new Date(now).toISOString().slice(0, 10).replaceAll("-", "")}.${today + 1}`;
}

function startOfDay(now: number): number {
  return new Date(now).setUTCHours(0, 0, 0, 0);
}
