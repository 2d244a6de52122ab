import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { SandboxError } from "../contract/errors.ts";
import { messageOf } from "../std/message-of.ts";
import type { ListenAddress } from "./settings.ts";

/** The port that is written in the file; 0, which means any, when there is none yet. */
export function lastPort(file: string): number {
  try {
    const port = Number(readFileSync(file, "utf8"));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}

/**
 * Listens on loopback, on the port that the file names if that is free, else on any, and writes that down: so that
 * addresses that programs were given stay good. Gives the port. Throws `engine_unavailable` when there is none to be
 * had, and what the file system says when it cannot be written down: then nothing listens.
 */
export async function listenStably(server: Server, file: string): Promise<number> {
  const last = lastPort(file);
  const listenOn = (port: number) => listenAt(server, { host: "127.0.0.1", port });
  const port = await listenOn(last).catch((error: unknown) => {
    if (last === 0) throw error;
    return listenOn(0);
  });
  try {
    writeFileSync(file, `${port}\n`, { mode: 0o600 });
  } catch (error) {
    server.close();
    throw error;
  }
  return port;
}

/**
 * Gives the port. Throws `engine_unavailable`, in the words that `explain` makes of the reason, when the address
 * cannot be had.
 */
export async function listenAt(
  server: Server,
  address: ListenAddress,
  explain: (reason: string) => string = (reason) =>
    `The engine cannot listen on a port of this machine (${reason}).`,
): Promise<number> {
  server.listen(address);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = messageOf(error);
    throw new SandboxError("engine_unavailable", explain(reason), { cause: error });
  }
  return portOf(server);
}

/** Of a server that listens: one that was closed has none. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
