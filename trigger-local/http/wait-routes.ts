import {
  CompleteWaitpointTokenRequestBody,
  CreateInputStreamWaitpointRequestBody,
  CreateSessionStreamWaitpointRequestBody,
  CreateWaitpointTokenRequestBody,
  stringifyIO,
  WaitForDurationRequestBody,
} from "@trigger.dev/core/v3";
import { Hono } from "hono";
import { withoutUndefined } from "../../lib/std/without-undefined.ts";
import { found, RequestError } from "../engine/request-error.ts";
import { createStreamWaitpoint } from "../engine/stream-waits.ts";
import { keyExpiry, timeOf } from "../engine/times.ts";
import { tagsOf } from "../engine/trigger-run.ts";
import { blockRun, completeWaitpoint, createWaitpoint } from "../engine/waits.ts";
import { IDENTITY } from "../protocol/identity.ts";
import { inputStreamName, sessionStreamName } from "../protocol/stream-names.ts";
import { waitpointToken } from "../protocol/waitpoint-answers.ts";
import type { Waitpoint } from "../store/waitpoint-store.ts";
import { readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { isSignature, signature } from "./signatures.ts";

/** Tokens, pauses, and waiting for the next record of a stream. */
export function waitRoutes({ engine, keys, url }: Platform): Hono {
  const app = new Hono();
  const waitpointOf = (id: string) => found(engine.waitpoints.find(id), `Waitpoint ${id}`);
  const runOf = (id: string) => found(engine.runs.find(id), `Run ${id}`);

  app.post("/api/v1/waitpoints/tokens", async (c) => {
    const body = await readBody(c.req.raw, CreateWaitpointTokenRequestBody);
    const { waitpoint, isCached } = byKey(body, () =>
      createWaitpoint(engine, { type: "MANUAL", ...settings(body), tags: tagsOf(body.tags) }),
    );
    c.header("x-trigger-jwt-claims", JSON.stringify({ sub: IDENTITY.environment.id, pub: true }));
    return c.json({ id: waitpoint.id, isCached, url: callbackUrl(waitpoint.id) });
  });

  app.get("/api/v1/waitpoints/tokens", (c) =>
    c.json({
      data: engine.waitpoints
        .tokens(100)
        .map((token) => waitpointToken(token, callbackUrl(token.id))),
      pagination: {},
    }),
  );

  app.get("/api/v1/waitpoints/tokens/:id", (c) => {
    const id = c.req.param("id");
    return c.json(waitpointToken(waitpointOf(id), callbackUrl(id)));
  });

  app.post("/api/v1/waitpoints/tokens/:id/complete", async (c) => {
    const { data } = await readBody(c.req.raw, CompleteWaitpointTokenRequestBody);
    await complete(waitpointOf(c.req.param("id")), data);
    return c.json({ success: true });
  });

  // Whoever has this address may complete the token with whatever it sends, without a key.
  app.post("/api/v1/waitpoints/tokens/:id/callback/:hash", async (c) => {
    const id = c.req.param("id");
    if (!isSignature(c.req.param("hash"), { secret: keys.secretKey, text: id })) {
      throw new RequestError(401, "This is not the address that came with the token.");
    }
    await complete(waitpointOf(id), await c.req.json());
    return c.json({ success: true });
  });

  app.post("/engine/v1/runs/:run/waitpoints/tokens/:id/wait", (c) => {
    const waitpointId = waitpointOf(c.req.param("id")).id;
    blockRun(engine, runOf(c.req.param("run")), [{ waitpointId }]);
    return c.json({ success: true });
  });

  app.post("/engine/v1/runs/:run/wait/duration", async (c) => {
    const body = await readBody(c.req.raw, WaitForDurationRequestBody);
    const { waitpoint } = byKey(body, () =>
      createWaitpoint(engine, {
        type: "DATETIME",
        ...settings({ ...body, timeout: undefined }),
        dueAt: body.date.getTime(),
      }),
    );
    blockRun(engine, runOf(c.req.param("run")), [{ waitpointId: waitpoint.id }]);
    const waitUntil = new Date(waitpoint.dueAt ?? Date.now());
    return c.json({ waitUntil, waitpoint: { id: waitpoint.id } });
  });

  app.post("/api/v1/runs/:run/input-streams/wait", async (c) => {
    const body = await readBody(c.req.raw, CreateInputStreamWaitpointRequestBody);
    const stream = inputStreamName(runOf(c.req.param("run")).id, body.streamId);
    return c.json(waitForStream(stream, body));
  });

  app.post("/api/v1/runs/:run/session-streams/wait", async (c) => {
    const body = await readBody(c.req.raw, CreateSessionStreamWaitpointRequestBody);
    const session = found(engine.sessions.find(body.session), `Session ${body.session}`);
    return c.json(waitForStream(sessionStreamName(session.id, { io: body.io }), body));
  });

  function waitForStream(
    stream: string,
    body: KeySettings & { lastSeqNum?: number | undefined },
  ): { waitpointId: string; isCached: boolean } {
    const { waitpoint, isCached } = byKey(body, () =>
      createStreamWaitpoint(engine, {
        stream,
        from: (body.lastSeqNum ?? -1) + 1,
        fields: settings(body),
      }),
    );
    return { waitpointId: waitpoint.id, isCached };
  }

  function byKey(
    { idempotencyKey }: KeySettings,
    create: () => Waitpoint,
  ): { waitpoint: Waitpoint; isCached: boolean } {
    const known =
      idempotencyKey === undefined ? undefined : engine.waitpoints.findByKey(idempotencyKey);
    if (known && (known.idempotencyKeyExpiresAt ?? 0) > Date.now()) {
      return { waitpoint: known, isCached: true };
    }
    return { waitpoint: create(), isCached: false };
  }

  async function complete({ id }: Waitpoint, value: unknown): Promise<void> {
    const { data, dataType } = await stringifyIO(value);
    completeWaitpoint(engine, id, withoutUndefined({ output: data, outputType: dataType }));
  }

  function callbackUrl(id: string): string {
    return `${url()}/api/v1/waitpoints/tokens/${id}/callback/${signature(keys.secretKey, id)}`;
  }

  return app;
}

interface KeySettings {
  idempotencyKey?: string | undefined;
  idempotencyKeyTTL?: string | undefined;
  timeout?: string | Date | undefined;
}

function settings({ idempotencyKey, idempotencyKeyTTL, timeout }: KeySettings) {
  return withoutUndefined({
    idempotencyKey,
    idempotencyKeyExpiresAt:
      idempotencyKey === undefined ? undefined : keyExpiry(idempotencyKeyTTL),
    dueAt: timeout === undefined ? undefined : timeOf(timeout, "timeout"),
  });
}
