import type { Socket } from "node:net";
import type { Asked } from "../tcp/asked.ts";

/** A client's connection whose requests are looked at one by one. */
export interface RuledConnection {
  scheme: "http" | "https";
  /** The host that the client asked for when it connected. */
  name: string;
  asked: Asked;
}

/** Who serves such connections. */
export interface RuledConnections {
  /** Serves the connection to its end. Never rejects. */
  accept(client: Socket, connection: RuledConnection): Promise<void>;
}
