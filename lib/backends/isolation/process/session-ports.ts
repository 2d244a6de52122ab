import { randomInt } from "node:crypto";
import { connect, type Socket } from "node:net";
import getPort, { portNumbers } from "get-port";
import { ListenerOwner, type LoopbackAddress } from "../listener-owner.ts";

// Below what Linux, macOS and Windows take for outgoing connections, above what servers are usually set to.
const LOWEST = 20_000;
const HIGHEST = 32_000;
/** `portNumbers` is tried in order; this many free ones in a row are found in any machine's state. */
const TRIED = 500;

const ADDRESSES: readonly LoopbackAddress[] = ["127.0.0.1", "::1"];

/** Chooses a port on which nothing listens now, apart from those chosen shortly before. */
export async function chooseBackendPort(): Promise<number> {
  const from = randomInt(LOWEST, HIGHEST - TRIED);
  return getPort({ port: portNumbers(from, from + TRIED) });
}

/** Where the exposed ports of a session, which has no network of its own, are reached on this machine. */
export class SessionPorts {
  readonly #backendPorts: Map<number, number>;
  readonly #owner: ListenerOwner;
  /** What answered last, per exposed port: asked first the next time. */
  readonly #last = new Map<number, { address: LoopbackAddress; port: number }>();

  /** `pids` gives the session's processes. */
  constructor(options: {
    backendPorts: readonly (readonly [number, number])[];
    pids: () => readonly number[];
  }) {
    this.#backendPorts = new Map(options.backendPorts);
    this.#owner = new ListenerOwner(options.pids);
  }

  has(port: number): boolean {
    return this.#backendPorts.has(port);
  }

  add(port: number, backendPort: number): void {
    this.#backendPorts.set(port, backendPort);
  }

  entries(): [number, number][] {
    return [...this.#backendPorts];
  }

  /** What tells a program where to listen: PORT is the first exposed port's. */
  variables(): Record<string, string> {
    const variables: Record<string, string> = {};
    for (const [port, backendPort] of this.#backendPorts) {
      variables["PORT"] ??= String(backendPort);
      variables[`SANDLOT_PORT_${port}`] = String(backendPort);
    }
    return variables;
  }

  /**
   * Connects to the program behind an exposed port: on the port that it was given, or on the exposed
   * one itself if the listener there is the session's own. Undefined when nothing listens.
   */
  async dial(port: number): Promise<Socket | undefined> {
    const last = this.#last.get(port);
    const backendPort = this.#backendPorts.get(port);
    const candidates = [
      ...(last ? [last] : []),
      ...(backendPort === undefined
        ? []
        : ADDRESSES.map((address) => ({ address, port: backendPort }))),
      ...ADDRESSES.map((address) => ({ address, port })),
    ];
    for (const at of candidates) {
      // The backend port was chosen for this session alone; any other may be any program's.
      if (at.port !== backendPort && !this.#owner.owns(at)) continue;
      const socket = await tryConnect(at);
      if (!socket) continue;
      this.#last.set(port, at);
      return socket;
    }
    this.#last.delete(port);
    return undefined;
  }
}

function tryConnect(at: { address: LoopbackAddress; port: number }): Promise<Socket | undefined> {
  const socket = connect({ host: at.address, port: at.port, allowHalfOpen: true });
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const refused = () => resolve(undefined);
  socket.once("error", refused);
  socket.once("connect", () => {
    socket.off("error", refused);
    resolve(socket);
  });
  return promise;
}
