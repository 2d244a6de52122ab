import type { NetworkPolicy } from "../../../../../contract/network-policy.ts";
import type { NamespaceFiles } from "../session-place.ts";

// What the engine and its gateway say to each other. Both are parts of one package, started from one folder.

/** What holds for all sessions of a gateway. */
export interface GatewaySettings {
  /** A folder of the engine's for the gateway's keys. */
  directory: string;
  /** Names whose addresses are given here instead of looked up. */
  hosts?: Record<string, string[]>;
  /** Where an `address:port` is really found. */
  detours?: Record<string, string>;
}

/** A session as the gateway knows it. */
export interface SessionRequest {
  sessionId: string;
  sandboxName: string;
  namespaces: NamespaceFiles;
  enterArguments: readonly string[];
  policy: NetworkPolicy;
}

export type GatewayCall =
  | { call: "configure"; settings: GatewaySettings }
  | { call: "open"; session: SessionRequest }
  | { call: "apply"; sessionId: string; policy: NetworkPolicy }
  | { call: "traffic"; sessionId: string }
  | { call: "close"; sessionId: string }
  | { call: "authority" };

export type GatewayRequest = { id: number } & GatewayCall;

export type GatewayAnswer =
  | { id: number; result: unknown }
  | { id: number; error: { code: string; message: string } };

/** Bytes into and out of the sandbox. */
export interface Traffic {
  ingressBytes: number;
  egressBytes: number;
}
