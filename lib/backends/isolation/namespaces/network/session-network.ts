import type { Server } from "node:net";
import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../../engine/secrets/egress-secret.ts";
import type { NetworkOwner, Traffic } from "./gateway/gateway-messages.ts";
import { Ingress } from "./ingress/ingress.ts";
import type { SessionPlace } from "./session-place.ts";

/** The network of one session, as its root uses it. */
export interface SessionNetwork extends AsyncDisposable {
  /**
   * Takes effect at once; with the owner, of one that had none. What is still allowed keeps its connections; what
   * is not any more is cut. Of secrets, those that are given here hold and no others.
   */
  apply(policy: NetworkPolicy, given?: NetworkGift): Promise<void>;
  /** What went into the sandbox and out of it since it was opened, by ports and otherwise. */
  traffic(): Promise<Traffic>;
  /**
   * Joins what the server accepts with the port inside, as `Root.forward` promises. The server must hold new
   * connections back (`pauseOnConnect`): their first bytes are read elsewhere.
   */
  forward(forward: { port: number; sandboxName: string; server: Server }): AsyncDisposable;
}

/** What a network gets with a policy. */
interface NetworkGift {
  owner?: NetworkOwner;
  secrets?: readonly EgressSecret[];
}

/** What a session's network asks of the engine's gateway. */
export interface SessionGateway {
  apply(policy: NetworkPolicy, given?: NetworkGift): Promise<void>;
  traffic(): Promise<Traffic>;
  close(): Promise<void>;
}

/** A session's way out by the gateway, and its ports by an agent of its own. It takes the place over. */
export function sessionNetwork({
  place,
  env,
  gateway,
}: {
  place: SessionPlace;
  env: Readonly<Record<string, string>>;
  gateway: SessionGateway;
}): SessionNetwork {
  let isClosed = false;
  const ingress = new Ingress({ place, env });
  return {
    apply: (policy, given) => gateway.apply(policy, given),
    async traffic() {
      const [out, ports] = await Promise.all([gateway.traffic(), ingress.traffic()]);
      return {
        ingressBytes: out.ingressBytes + ports.ingressBytes,
        egressBytes: out.egressBytes + ports.egressBytes,
      };
    },
    forward: (forward) => ingress.forward(forward),
    async [Symbol.asyncDispose]() {
      try {
        await Promise.all([gateway.close(), ingress[Symbol.asyncDispose]()]);
      } finally {
        if (!isClosed) place[Symbol.dispose]();
        isClosed = true;
      }
    },
  };
}
