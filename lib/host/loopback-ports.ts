import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import getPort from "get-port";
import { SandboxError } from "../contract/errors.ts";
import type { HostPorts } from "../engine/ports.ts";

const ATTEMPTS = 20;
// A browser's half-closed request still waits for its answer. And nothing is read before somebody asks for it:
// a connection may be handed on to another process with its first bytes.
const ACCEPTED = { allowHalfOpen: true, pauseOnConnect: true };

/**
 * Ports of 127.0.0.1 and, where the machine has it, of ::1 with the same number, because `localhost`
 * means either. They never keep the process alive.
 */
export function loopbackPorts(): HostPorts {
  return {
    async listen({ preferred }) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const wanted = attempt === 0 ? preferred : undefined;
        const port = wanted ?? (await getPort({ host: "127.0.0.1" }));
        const listening = await listenOnBoth(port);
        if (listening) return listening;
      }
      throw new SandboxError(
        "internal",
        `No free port was found on 127.0.0.1 in ${ATTEMPTS} attempts.`,
      );
    },
    url: (port) => `http://localhost:${port}`,
  };
}

// Undefined when somebody else has the port on either address.
async function listenOnBoth(
  port: number,
): Promise<({ port: number; server: Server } & AsyncDisposable) | undefined> {
  const server = createServer(ACCEPTED);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  if ((await tryListen(server, { port, host: "127.0.0.1" })) !== "listening") return undefined;
  const twin = createServer(ACCEPTED);
  twin.on("connection", (socket) => server.emit("connection", socket));
  // A machine without IPv6 resolves `localhost` to 127.0.0.1 alone.
  if ((await tryListen(twin, { port, host: "::1" })) === "taken") {
    await close(server);
    return undefined;
  }
  return {
    port,
    server,
    async [Symbol.asyncDispose]() {
      const closed = Promise.all([close(server), close(twin)]);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function tryListen(
  server: Server,
  options: { port: number; host: string },
): Promise<"listening" | "taken" | "unavailable"> {
  server.listen(options);
  server.unref();
  try {
    await once(server, "listening");
    return "listening";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EADDRINUSE" || code === "EACCES") return "taken";
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return "unavailable";
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((done) => server.close(() => done()));
}
