import type { Traffic } from "../gateway/gateway-messages.ts";

/** A connection that is handed to a session's agent; the message comes with its socket. */
export interface ServeOrder {
  order: "serve";
  forwardId: number;
  port: number;
  sandboxName: string;
}

/** What the engine says to a session's agent. */
export type IngressOrder =
  | ServeOrder
  /** Cuts the connections of a forward. */
  | { order: "end"; forwardId: number }
  | { order: "count"; id: number }
  /** No more connections will come: ends when those that are there have ended. */
  | { order: "leave" };

/** What the agent says. */
export type IngressReport =
  | { report: "ready" }
  | { report: "count"; id: number; traffic: Traffic }
  /** It would leave. Connections that are on the way to it are still served. */
  | { report: "idle" }
  /** Its last words. */
  | { report: "left"; traffic: Traffic };
