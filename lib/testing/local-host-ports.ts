import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { HostPorts } from "../engine/ports.ts";

/** Real listening sockets on 127.0.0.1, on the preferred port if it is free. */
export function localHostPorts(): HostPorts {
  return {
    async listen({ preferred }) {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
      const sockets = new Set<Socket>();
      server.on("connection", (socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      });
      try {
        server.listen(preferred ?? 0, "127.0.0.1");
        await once(server, "listening");
      } catch (error) {
        if (preferred === undefined) throw error;
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
      }
      const { port } = server.address() as AddressInfo;
      return {
        port,
        server,
        async [Symbol.asyncDispose]() {
          if (!server.listening) return;
          const closed = once(server, "close");
          server.close();
          for (const socket of sockets) socket.destroy();
          await closed;
        },
      };
    },
    url: (port) => `http://127.0.0.1:${port}`,
  };
}
