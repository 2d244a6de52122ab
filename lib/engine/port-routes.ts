import type { Server, Socket } from "node:net";
import { SandboxError } from "../contract/errors.ts";
import type { Route, Sandbox } from "../contract/sandbox.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";
import type { HostPorts, Root } from "./ports.ts";
import type { SessionActivity } from "./sessions/session-activity.ts";

interface Listener extends AsyncDisposable {
  port: number;
  server: Server;
}

interface Exposed {
  listener: Listener;
  forward?: AsyncDisposable;
  /** Reached by somebody who asked for it alone: it goes with the session. */
  isTransient?: boolean;
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
  readonly #activity: SessionActivity;
  readonly #sandboxes = new Map<string, Map<number, Exposed>>();
  readonly #sessions = new Map<string, string>();
  readonly #opening = new KeyedMutex();

  constructor({ hostPorts, activity }: { hostPorts: HostPorts; activity: SessionActivity }) {
    this.#hostPorts = hostPorts;
    this.#activity = activity;
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
    return this.#opening.run(name, async () => {
      const exposed = this.#of(name);
      for (const [port, entry] of exposed) {
        if (ports.includes(port)) delete entry.isTransient;
        else if (!entry.isTransient) await closeEntry(exposed, port);
      }
      for (const port of ports) {
        if (exposed.has(port)) continue;
        exposed.set(port, await this.#listen(name, before[String(port)]));
      }
      const listed = [...exposed].filter(([, { isTransient }]) => !isTransient);
      return Object.fromEntries(listed.map(([port, entry]) => [port, entry.listener.port]));
    });
  }

  /** Where a port of the running root is reached, exposed or not. */
  async reach(name: string, port: number, root: Root): Promise<Route> {
    return this.#opening.run(name, async () => {
      const exposed = this.#of(name);
      const entry = exposed.get(port) ?? { ...(await this.#listen(name)), isTransient: true };
      exposed.set(port, entry);
      connectEntry(port, entry, root);
      const hostPort = entry.listener.port;
      return { port, hostPort, url: this.#hostPorts.url(hostPort) };
    });
  }

  /** Connects the sandbox's ports to the running root of the session, those that are not connected yet. */
  connect(name: string, root: Root, sessionId: string): void {
    this.#sessions.set(name, sessionId);
    for (const [port, entry] of this.#sandboxes.get(name) ?? []) connectEntry(port, entry, root);
  }

  /** Disconnects the ports from their root; those that are exposed go on answering that the sandbox is stopped. */
  async disconnect(name: string, { session }: { session: "paused" | "ended" }): Promise<void> {
    this.#sessions.delete(name);
    await this.#opening.run(name, async () => {
      const exposed = this.#of(name);
      for (const [port, entry] of exposed) {
        if (session === "ended" && entry.isTransient) await closeEntry(exposed, port);
        else await disconnectEntry(entry);
      }
    });
  }

  /** Gives the sandbox's host ports back. */
  async close(name: string): Promise<void> {
    this.#sessions.delete(name);
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

  #of(name: string): Map<number, Exposed> {
    const exposed = this.#sandboxes.get(name) ?? new Map<number, Exposed>();
    this.#sandboxes.set(name, exposed);
    return exposed;
  }

  async #listen(name: string, preferred?: number): Promise<Exposed> {
    const listener = await this.#hostPorts.listen(preferred === undefined ? {} : { preferred });
    listener.server.on("connection", answerStopped);
    listener.server.on("connection", (socket) => {
      const sessionId = this.#sessions.get(name);
      if (sessionId === undefined) return;
      const use = this.#activity.hold(sessionId);
      socket.once("close", () => use[Symbol.dispose]());
    });
    return { listener };
  }
}

function connectEntry(port: number, entry: Exposed, root: Root): void {
  if (entry.forward) return;
  const { server, port: hostPort } = entry.listener;
  server.off("connection", answerStopped);
  entry.forward = root.forward({ port, hostPort, server });
}

async function disconnectEntry(entry: Exposed): Promise<void> {
  if (!entry.forward) return;
  await entry.forward[Symbol.asyncDispose]();
  delete entry.forward;
  entry.listener.server.on("connection", answerStopped);
}

async function closeEntry(exposed: Map<number, Exposed>, port: number): Promise<void> {
  const entry = exposed.get(port);
  exposed.delete(port);
  if (entry) await closeExposed(entry);
}

async function closeExposed({ listener, forward }: Exposed): Promise<void> {
  await forward?.[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
}
