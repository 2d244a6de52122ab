import type { Server } from "node:net";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";

/** All networks of one engine. */
export interface Networks extends AsyncDisposable {
  open(request: OpenNetwork): Promise<SessionNetwork>;
}

export interface OpenNetwork {
  sessionId: string;
  sandboxName: string;
  /** Host pid of a process in the session's user and network namespaces. */
  pid: number;
  /** How nsenter(1) becomes root of the user namespace. */
  enterArguments: readonly string[];
  policy: NetworkPolicy;
}

/** What connects one session's network namespace with the outside. */
export interface SessionNetwork extends AsyncDisposable {
  /** What is still allowed keeps its connections; what is not any more is cut. */
  apply(policy: NetworkPolicy): Promise<void>;
  traffic(): Promise<{ ingressBytes: number; egressBytes: number }>;
  /** As `Root.forward`. */
  forward(forward: { port: number; sandboxName: string; server: Server }): AsyncDisposable;
}
