import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import type { AddressInfo } from "node:net";
import { SandboxError } from "../contract/errors.ts";
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
 * addresses that programs were given stay good.
 */
export async function listenStably(server: Server, file: string): Promise<void> {
  const port = lastPort(file);
  try {
    await listenAt(server, { host: "127.0.0.1", port });
  } catch (error) {
    if (port === 0) throw error;
    await listenAt(server, { host: "127.0.0.1", port: 0 });
  }
  writeFileSync(file, `${portOf(server)}\n`, { mode: 0o600 });
}

/** Throws `engine_unavailable`, in the words that `explain` makes of the reason, when the address cannot be had. */
export async function listenAt(
  server: Server,
  address: ListenAddress,
  explain: (reason: string) => string = (reason) =>
    `The daemon cannot listen where SANDLOT_LISTEN says (${reason}). Name another port, or auto.`,
): Promise<void> {
  server.listen(address);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SandboxError("engine_unavailable", explain(reason), { cause: error });
  }
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
