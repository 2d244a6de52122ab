import { Hono } from "hono";
import { found, RequestError } from "../engine/request-error.ts";
import type { Platform } from "./context.ts";

/** What is too large for a request: where to put it, and where to fetch it. */
export function packetRoutes({ engine, packets, url }: Platform): Hono {
  const app = new Hono();
  const presigned = (path: string) => `${url()}${packets.address(path)}`;

  app.put("/api/v2/packets/:path", (c) => {
    const storagePath = c.req.param("path");
    return c.json({ presignedUrl: presigned(storagePath), storagePath });
  });

  app.get("/api/v1/packets/:path", (c) => c.json({ presignedUrl: presigned(c.req.param("path")) }));

  app.get("/api/v1/runs/:run/packets/:field", (c) => {
    const id = c.req.param("run");
    found(engine.runs.find(id), `Run ${id}`);
    const path =
      c.req.param("field") === "payload" ? engine.runs.payload(id) : engine.runs.output(id);
    return c.json({ presignedUrl: presigned(found(path, `The packet of run ${id}`)) });
  });

  app.on(["GET", "PUT"], "/packets/:path", async (c) => {
    const path = c.req.param("path");
    if (!packets.isSigned(path, c.req.query("signature") ?? "")) {
      throw new RequestError(401, "The address of the packet is not signed.");
    }
    if (c.req.method === "PUT") {
      const body = Buffer.from(await c.req.arrayBuffer());
      await packets.write(path, { body, type: c.req.header("content-type") ?? "application/json" });
      return c.body(null, 200);
    }
    const packet = found(await packets.read(path), "Packet");
    return c.body(new Uint8Array(packet.body), 200, { "content-type": packet.type });
  });
  return app;
}
