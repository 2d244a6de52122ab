import type { NetworkPolicy } from "../../../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../../../engine/secrets/egress-secret.ts";
import type { NamespaceFiles } from "../session-place.ts";

// What the engine and its gateway say to each other. Both are parts of one package, started from one folder.

/** What holds for all sessions of a gateway. */
export interface GatewaySettings {
  /** A folder of the engine's for the gateway's keys. */
  directory: string;
  /** TCP ports of the outside that sandboxes can reach beside the well-known ones. */
  morePorts?: number[];
  /** Names whose addresses are given here instead of looked up. */
  hosts?: Record<string, string[]>;
  /** Where an `address:port` is really found. */
  detours?: Record<string, string>;
}

/** Whose network it is. */
export interface NetworkOwner {
  sessionId: string;
  sandboxName: string;
}

/** A session's network as the gateway knows it. */
export interface SessionRequest {
  /** By it the network is spoken of. */
  networkId: string;
  /** Absent as long as it waits for a session. */
  owner?: NetworkOwner;
  namespaces: NamespaceFiles;
  enterArguments: readonly string[];
  policy: NetworkPolicy;
  /** Only ever in this process' memory and the gateway's. */
  secrets: readonly EgressSecret[];
}

export type GatewayCall =
  | { call: "configure"; settings: GatewaySettings }
  | { call: "open"; session: SessionRequest }
  | {
      call: "apply";
      networkId: string;
      policy: NetworkPolicy;
      secrets: readonly EgressSecret[];
      owner?: NetworkOwner | undefined;
    }
  | { call: "traffic"; networkId: string }
  | { call: "close"; networkId: string }
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
