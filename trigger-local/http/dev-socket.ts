import type { Server as HttpServer } from "node:http";
import { Server } from "socket.io";
import * as z from "zod";
import type { Platform } from "./context.ts";
import { isEqual } from "./signatures.ts";

const RunIds = z.object({ runFriendlyIds: z.array(z.string()) });

/** The socket by which the CLI hears at once that something has changed in a run that it has. */
export function openDevSocket(http: HttpServer, platform: Platform): AsyncDisposable {
  const { engine, keys, presence } = platform;
  const server = new Server(http, { transports: ["websocket"], serveClient: false });
  const workers = server.of("/dev-worker");
  workers.use((socket, next) => {
    const given = socket.handshake.headers.authorization ?? "";
    next(isEqual(given, `Bearer ${keys.secretKey}`) ? undefined : new Error("unauthorized"));
  });
  workers.on("connection", (socket) => {
    // It comes back sooner than the connection that is only there for its presence.
    socket.once("disconnect", presence.connect());
    socket.on("run:subscribe", (message: unknown) => {
      const parsed = RunIds.safeParse(message);
      for (const id of parsed.data?.runFriendlyIds ?? []) {
        void socket.join(id);
        presence.heard(id);
      }
    });
    socket.on("run:unsubscribe", (message: unknown) => {
      const parsed = RunIds.safeParse(message);
      for (const id of parsed.data?.runFriendlyIds ?? []) void socket.leave(id);
    });
  });
  engine.notify = (runId) => {
    workers.to(runId).emit("run:notify", { version: "1", run: { friendlyId: runId } });
  };
  return {
    async [Symbol.asyncDispose]() {
      engine.notify = () => {};
      await server.close();
    },
  };
}
