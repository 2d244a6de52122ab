import type { Server, Socket } from "node:net";
import { SandboxError } from "../contract/errors.ts";
import type { Route, Sandbox } from "../contract/sandbox.ts";
import type { HostPorts, Root } from "./ports.ts";

interface Listener extends AsyncDisposable {
  port: number;
  server: Server;
}

interface Exposed {
  listener: Listener;
  forward?: AsyncDisposable;
}

const STOPPED_BODY = JSON.stringify({
  error: { code: "SANDBOX_STOPPED", message: "The sandbox behind this port is stopped." },
});

// What a browser or program meets at the port of a sandbox that does not run.
function answerStopped(socket: Socket): void {
  socket.on("error", () => socket.destroy()); // The caller left: nobody to tell.
  socket.once("data", () => {
    socket.end(
      "HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\nconnection: close\r\n" +
        `content-length: ${Buffer.byteLength(STOPPED_BODY)}\r\n\r\n${STOPPED_BODY}`,
    );
  });
  // It was accepted paused, for whoever would hand it on.
  socket.resume();
}

/**
 * The host's ports of every sandbox: opened once for each exposed port, kept
 * while the sandbox is stopped, connected to the running session's root.
 */
export class PortRoutes {
  readonly #hostPorts: HostPorts;
  readonly #sandboxes = new Map<string, Map<number, Exposed>>();

  constructor({ hostPorts }: { hostPorts: HostPorts }) {
    this.#hostPorts = hostPorts;
  }

  /**
   * Listens for every port of the list, on the host ports it had before where they are still free,
   * and closes what is no longer listed. Gives the host port of each.
   */
  async open(
    name: string,
    ports: readonly number[],
    before: Readonly<Record<string, number>>,
  ): Promise<Record<string, number>> {
    const exposed = this.#sandboxes.get(name) ?? new Map<number, Exposed>();
    this.#sandboxes.set(name, exposed);
    for (const [port, entry] of exposed) {
      if (ports.includes(port)) continue;
      exposed.delete(port);
      await closeExposed(entry);
    }
    for (const port of ports) {
      if (exposed.has(port)) continue;
      const preferred = before[String(port)];
      const listener = await this.#hostPorts.listen(preferred === undefined ? {} : { preferred });
      listener.server.on("connection", answerStopped);
      exposed.set(port, { listener });
    }
    return Object.fromEntries(
      [...exposed].map(([port, entry]) => [String(port), entry.listener.port]),
    );
  }

  /** Connects the sandbox's ports to a running root, those that are not connected yet. */
  connect(name: string, root: Root): void {
    for (const [port, entry] of this.#sandboxes.get(name) ?? []) {
      if (entry.forward) continue;
      const { server, port: hostPort } = entry.listener;
      server.off("connection", answerStopped);
      entry.forward = root.forward({ port, hostPort, server });
    }
  }

  /** Disconnects the ports from their root; they go on answering that the sandbox is stopped. */
  async disconnect(name: string): Promise<void> {
    for (const entry of this.#sandboxes.get(name)?.values() ?? []) {
      if (!entry.forward) continue;
      await entry.forward[Symbol.asyncDispose]();
      delete entry.forward;
      entry.listener.server.on("connection", answerStopped);
    }
  }

  /** Gives the sandbox's host ports back. */
  async close(name: string): Promise<void> {
    const exposed = this.#sandboxes.get(name);
    this.#sandboxes.delete(name);
    await Promise.all([...(exposed?.values() ?? [])].map(closeExposed));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#sandboxes.keys()].map((name) => this.close(name)));
  }

  /** Where each exposed port is reached. */
  routes(sandbox: Sandbox): Route[] {
    return sandbox.ports.map((port) => {
      const hostPort = sandbox.hostPorts[String(port)];
      if (hostPort === undefined) {
        throw new SandboxError("internal", `Port ${port} of ${sandbox.name} has no host port.`);
      }
      return { port, hostPort, url: this.#hostPorts.url(hostPort) };
    });
  }
}

async function closeExposed({ listener, forward }: Exposed): Promise<void> {
  await forward?.[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
}
