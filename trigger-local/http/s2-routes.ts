import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { Hono } from "hono";
import * as z from "zod";
import { appendToStream } from "../engine/stream-waits.ts";
import { serveAppendSession } from "../s2/append-session.ts";
import { decodeAppendInput, encodeAppendAck } from "../s2/protobuf.ts";
import { readBody } from "./body.ts";
import type { Platform } from "./context.ts";
import { isEqual } from "./signatures.ts";

const AppendBody = z.object({
  records: z.array(
    z.object({
      headers: z.array(z.tuple([z.string(), z.string()])).nullish(),
      body: z.string().default(""),
    }),
  ),
});

const PROTOBUF = "application/protobuf";
const SESSION_PATH = /^\/v1\/streams\/([^/?]+)\/records$/;

/** Single appends of S2, in JSON and in protobuf. */
export function s2Routes({ engine }: Platform): Hono {
  const app = new Hono();
  app.post("/v1/streams/:stream/records", async (c) => {
    const stream = c.req.param("stream");
    if (c.req.header("content-type") === PROTOBUF) {
      const records = decodeAppendInput(Buffer.from(await c.req.arrayBuffer()));
      const ack = encodeAppendAck(appendToStream(engine, stream, records));
      return c.body(new Uint8Array(ack), 200, { "content-type": PROTOBUF });
    }
    const { records } = await readBody(c.req.raw, AppendBody);
    const { start, end } = appendToStream(
      engine,
      stream,
      records.map(({ headers, body }) => ({ body, headers: headers ?? [] })),
    );
    const position = (seq_num: number) => ({ seq_num, timestamp: Date.now() });
    return c.json({ start: position(start), end: position(end), tail: position(end) });
  });
  return app;
}

/** Append sessions of S2, which come in HTTP/2. Whatever else comes so is not found. */
export function serveS2(
  { engine, keys }: Platform,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const path = SESSION_PATH.exec(String(headers[":path"]));
  const isAllowed = isEqual(headers.authorization ?? "", `Bearer ${keys.secretKey}`);
  if (!path?.[1] || headers[":method"] !== "POST" || !isAllowed) {
    stream.on("error", () => {});
    stream.respond({ ":status": isAllowed ? 404 : 401, "content-type": "application/json" });
    stream.end(
      JSON.stringify({ code: "refused", message: "There is no such stream to append to." }),
    );
    return;
  }
  const name = decodeURIComponent(path[1]);
  void serveAppendSession(stream, (records) => appendToStream(engine, name, records));
}
