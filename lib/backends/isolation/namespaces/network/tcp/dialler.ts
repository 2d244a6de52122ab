import { connect, isIPv6, type LookupFunction, type Socket } from "node:net";
import { plainAddress } from "../policy/address-set.ts";

/** As long as programs themselves commonly wait. */
const PATIENCE_MS = 15_000;

/** Whom a socket was opened for: what decides whether it may stay when the policy changes. */
export interface Dialled {
  /** Absent when the address itself was asked for. */
  name?: string;
  /** Where it leads; before it is connected, one of those that it may lead to. */
  address: string;
}

/** Tells where an address is really found; tests put their own servers there. */
export type Detours = Readonly<Record<string, string>>;

/** Opens connections of one sandbox to the outside, and knows all that are open. It decides nothing. */
export class Dialler {
  readonly #detours: Detours;
  readonly #open = new Map<Socket, Dialled>();

  /** `detours` maps `address:port` to `address:port`. */
  constructor(detours: Detours = {}) {
    this.#detours = detours;
  }

  /**
   * Connects to one of the addresses, all of which are allowed. Undefined when none of them answers. The socket
   * is half-open and paused, and an error of it only closes it.
   */
  async dial(
    { name, addresses, port }: { name?: string; addresses: readonly string[]; port: number },
    mayStay: (dialled: Dialled) => boolean,
  ): Promise<Socket | undefined> {
    const places = addresses.map((address) => ({ address, at: this.#place(address, port) }));
    const first = places[0];
    if (!first) return undefined;
    const lookup: LookupFunction = (_host, _options, answer) => {
      const found = places
        .filter(({ at }) => at.port === first.at.port)
        .map(({ at }) => ({ address: at.address, family: isIPv6(at.address) ? 6 : 4 }));
      answer(null, found);
    };
    const socket = connect({
      host: "outside.invalid",
      port: first.at.port,
      lookup,
      autoSelectFamily: true,
      allowHalfOpen: true,
      noDelay: true,
    });
    const named = name === undefined ? {} : { name };
    this.#open.set(socket, { ...named, address: first.address });
    socket.on("error", () => undefined); // `close` follows, and says all there is to say.
    socket.once("close", () => this.#open.delete(socket));
    if (!(await connected(socket))) return undefined;
    const reached = plainAddress(socket.remoteAddress ?? "");
    const place = places.find(({ at }) => at.address === reached) ?? first;
    const dialled = { ...named, address: place.address };
    this.#open.set(socket, dialled);
    // The policy may have changed meanwhile.
    if (mayStay(dialled)) return socket;
    socket.destroy();
    return undefined;
  }

  /** Cuts off what may not stay, and tells what that was. */
  review(mayStay: (dialled: Dialled) => boolean): ReadonlySet<Socket> {
    const cut = [...this.#open]
      .filter(([, dialled]) => !mayStay(dialled))
      .map(([socket]) => socket);
    for (const socket of cut) socket.resetAndDestroy();
    return new Set(cut);
  }

  #place(address: string, port: number): { address: string; port: number } {
    const detour = this.#detours[`${address}:${port}`];
    const parts = detour === undefined ? undefined : /^(.*):(\d+)$/.exec(detour);
    return parts ? { address: parts[1]!, port: Number(parts[2]) } : { address, port };
  }
}

async function connected(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const late = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.once("connect", () => resolve(true));
  socket.once("close", () => resolve(false));
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}
