import {
  CloseSessionRequestBody,
  CreateSessionRequestBody,
  EndAndContinueSessionRequestBody,
  generateJWT,
  ListSessionsQueryParams,
  UpdateSessionRequestBody,
} from "@trigger.dev/core/v3";
import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import { Hono } from "hono";
import { withoutUndefined } from "../../lib/std/without-undefined.ts";
import { found } from "../engine/request-error.ts";
import { ensureRun, isClosed, startRun } from "../engine/session-runs.ts";
import { appendToStream } from "../engine/stream-waits.ts";
import { IDENTITY } from "../protocol/identity.ts";
import { sessionItem } from "../protocol/session-answers.ts";
import { sessionStreamName } from "../protocol/stream-names.ts";
import type { Session } from "../store/session-store.ts";
import { envelope } from "./appended-record.ts";
import { parse, readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { sessionFilter } from "./session-list-query.ts";

/** Sessions: made with their first run, found by either id, closed for good. */
export function sessionRoutes({ engine, keys }: Platform): Hono {
  const app = new Hono().basePath("/api/v1/sessions");
  const sessionOf = (id: string) => found(engine.sessions.find(id), `Session ${id}`);

  app.post("/", async (c) => {
    const body = await readBody(c.req.raw, CreateSessionRequestBody);
    const known = body.externalId === undefined ? undefined : engine.sessions.find(body.externalId);
    const session = known ?? newSession(body);
    if (!known) engine.sessions.save(session);
    const runId = isClosed(session) ? session.currentRunId : ensureRun(engine, session).id;
    const name = session.externalId ?? session.id;
    const publicAccessToken = await generateJWT({
      secretKey: keys.secretKey,
      payload: {
        sub: IDENTITY.environment.id,
        pub: true,
        scopes: [`read:sessions:${name}`, `write:sessions:${name}`],
      },
      expirationTime: "1h",
    });
    const isCached = known !== undefined;
    return c.json(
      { ...sessionItem(session), runId, publicAccessToken, isCached },
      isCached ? 200 : 201,
    );
  });

  app.get("/", (c) => {
    const query = parse(ListSessionsQueryParams, c.req.query());
    const all = engine.sessions.list().filter(sessionFilter(query));
    const after = query["page[after]"];
    const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const page = all.slice(start, start + query["page[size]"]);
    const next = all.length > start + page.length ? page.at(-1)?.id : undefined;
    return c.json({
      data: page.map(sessionItem),
      pagination: { ...(next !== undefined && { next }) },
    });
  });

  app.get("/:session", (c) => c.json(sessionItem(sessionOf(c.req.param("session")))));

  app.patch("/:session", async (c) => {
    const body = await readBody(c.req.raw, UpdateSessionRequestBody);
    const session = sessionOf(c.req.param("session"));
    if (body.tags) session.tags = body.tags;
    if (body.metadata === null) delete session.metadata;
    else if (body.metadata) session.metadata = body.metadata;
    if (body.externalId === null) delete session.externalId;
    else if (body.externalId !== undefined) session.externalId = body.externalId;
    engine.sessions.save(session);
    return c.json(sessionItem(session));
  });

  app.post("/:session/close", async (c) => {
    const { reason, callingRunId } = await readBody(c.req.raw, CloseSessionRequestBody);
    const session = sessionOf(c.req.param("session"));
    if (session.closedAt === undefined) {
      session.closedAt = Date.now();
      if (reason !== undefined) session.closedReason = reason;
      engine.sessions.save(session);
      // The run that serves it hears of the end where it listens anyway.
      if (callingRunId === undefined) appendClose(session);
    }
    return c.json(sessionItem(session));
  });

  app.post("/:session/end-and-continue", async (c) => {
    const { callingRunId } = await readBody(c.req.raw, EndAndContinueSessionRequestBody);
    const session = sessionOf(c.req.param("session"));
    if (session.currentRunId !== callingRunId) {
      return c.json({ runId: session.currentRunId, swapped: false });
    }
    const run = startRun(engine, session, { continuation: true, previousRunId: callingRunId });
    return c.json({ runId: run.id, swapped: true });
  });

  function appendClose(session: Session): void {
    const record = { kind: "message", payload: { trigger: "close" } };
    const stream = sessionStreamName(session.id, { io: "in" });
    appendToStream(engine, stream, [envelope(JSON.stringify(record))]);
  }
  return app;
}

function newSession(body: ReturnType<typeof CreateSessionRequestBody.parse>): Session {
  const now = Date.now();
  return {
    id: generateFriendlyId("session"),
    type: body.type,
    task: body.taskIdentifier,
    triggerConfig: body.triggerConfig,
    tags: body.tags ?? [],
    createdAt: now,
    updatedAt: now,
    ...withoutUndefined({
      externalId: body.externalId,
      metadata: body.metadata,
      expiresAt: body.expiresAt?.getTime(),
    }),
  };
}
