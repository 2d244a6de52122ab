import { type Context, Hono } from "hono";
import * as z from "zod";
import { found } from "../engine/request-error.ts";
import { ensureRun, isClosed } from "../engine/session-runs.ts";
import { appendToStream } from "../engine/stream-waits.ts";
import { sessionStreamName } from "../protocol/stream-names.ts";
import type { Session } from "../store/session-store.ts";
import { appendedRecord } from "./appended-record.ts";
import { parse } from "./body.ts";
import type { Platform } from "./context.ts";
import { s2Headers } from "./s2-headers.ts";
import { followStream } from "./stream-reader.ts";

const Io = z.enum(["in", "out"]);
const Cursor = z.coerce.number().int().optional();

/** All that one answer of records holds, at most about so many bytes. */
const RECORDS_BYTES = 16 * 1024 * 1024;

/** The two streams of a session and of each of its side channels. What is sent to it wakes it, with a new run if need be. */
export function sessionStreamRoutes(platform: Platform): Hono {
  const { engine, ending } = platform;
  const app = new Hono().basePath("/realtime/v1/sessions/:session");
  const sessionOf = (c: Context): Session => {
    const id = c.req.param("session") ?? "";
    return found(engine.sessions.find(id), `Session ${id}`);
  };
  const streamOf = (c: Context): string =>
    sessionStreamName(sessionOf(c).id, {
      io: parse(Io, c.req.param("io")),
      channel: c.req.param("channel"),
    });

  for (const path of ["/:io", "/channels/:channel/:io"]) {
    app.put(path, (c) => c.json({ version: "v2" }, 200, s2Headers(platform, streamOf(c))));

    app.get(path, (c) => followStream(c.req.raw, { engine, stream: streamOf(c), ending }));

    app.post(`${path}/append`, async (c) => {
      const session = sessionOf(c);
      if (isClosed(session)) {
        const error = "Cannot append to a closed session";
        // The SDK would try for ten seconds what can never be.
        c.header("x-should-retry", "false");
        const closedReason = session.closedReason ?? null;
        return c.json({ ok: false, error, code: "session_closed", closedReason }, 409);
      }
      const record = await appendedRecord(c.req.raw);
      appendToStream(engine, streamOf(c), [record]);
      if (c.req.param("io") === "in") ensureRun(engine, session);
      return c.json({ ok: true });
    });

    app.get(`${path}/records`, (c) => {
      const after = parse(Cursor, c.req.query("afterEventId"));
      const records = engine.streams.read(
        streamOf(c),
        after === undefined ? 0 : after + 1,
        RECORDS_BYTES,
      );
      return c.json({
        records: records
          .filter(({ headers }) => headers[0]?.[0] !== "")
          .map(({ seq, headers, body }) => ({ ...contents(body), seqNum: seq, headers })),
      });
    });
  }
  return app;
}

function contents(body: string): { data: unknown; id: string } {
  if (body === "") return { data: null, id: "" };
  const { data, id }: { data: unknown; id: string } = JSON.parse(body);
  return { data, id };
}
