import type {
  HarnessV1NetworkSandboxSession as NetworkSession,
  HarnessV1RequestTransformation as Transformation,
} from "@ai-sdk/harness";
import { sharedTransport } from "../host/shared-transport.ts";
import { APIError, type Sandbox } from "../trigger-client/index.ts";
import { portUrl } from "../trigger-client/port-url.ts";
import { networkPolicy, type StartingPolicy, toldPolicy } from "./network-rules.ts";
import { sandboxSession } from "./sandbox-session.ts";

const NOT_FOUND = 404;

/**
 * The sandbox as a harness holds it: files, commands, ports, its life. The network's words are there where the engine
 * enforces them, so that no credential is trusted to a policy that is only written down. They go on from the policy
 * that the sandbox has: `policy` where the caller made it with one, otherwise what the engine tells of it.
 */
export async function networkSession(
  sandbox: Sandbox,
  policy: StartingPolicy = toldPolicy(policyOf(sandbox)),
): Promise<NetworkSession> {
  const restricted = sandboxSession(sandbox);
  const url: NetworkSession["getPortUrl"] = (options) => portUrl(sandbox, options);
  return {
    ...restricted,
    get description() {
      return restricted.description;
    },
    id: sandbox.name,
    defaultWorkingDirectory: sandbox.cwd,
    get ports() {
      return sandbox.routes.map(({ port }) => port);
    },
    getPortEndpoint: async (options) => ({ url: await url(options) }),
    getPortUrl: url,
    stop: async () => void (await sandbox.stop()),
    destroy: () => sandbox.delete({ deleteOrphanSnapshots: true }).catch(unlessGone),
    setPorts: (ports, options) =>
      sandbox.update(
        { ports: [...ports] },
        options?.abortSignal && { signal: options.abortSignal },
      ),
    restricted: () => restricted,
    ...((await enforcesNetwork()) && networkWords(sandbox, policy)),
  };
}

/** A session that runs may have another one than its sandbox will begin the next with. */
const policyOf = (sandbox: Sandbox) =>
  (sandbox.status === "running" ? sandbox.currentSession() : sandbox).networkPolicy;

type NetworkWords = Pick<
  NetworkSession,
  "setNetworkPolicy" | "setRequestTransformations" | "addRequestTransformations"
>;

function networkWords(sandbox: Sandbox, starting: StartingPolicy): NetworkWords {
  let policy = starting;
  let transformations: readonly Transformation[] = [];
  // One after the other, because each sends all that holds.
  let last: Promise<unknown> = Promise.resolve();
  const apply = (change: () => void): Promise<void> => {
    const next = last
      .catch(() => undefined)
      .then(async () => {
        change();
        await sandbox.updateNetworkPolicy(networkPolicy(policy, transformations));
      });
    last = next;
    return next;
  };
  return {
    setNetworkPolicy: (next) => apply(() => (policy = next)),
    setRequestTransformations: (next) => apply(() => (transformations = [...next])),
    addRequestTransformations: (more) =>
      apply(() => (transformations = [...transformations, ...more])),
  };
}

/** Whether a policy is more than a record; what cannot be asked is not trusted to. */
async function enforcesNetwork(): Promise<boolean> {
  const transport = sharedTransport();
  if (transport.kind === "vercel") return true;
  const response = await transport.fetch("/sandlot/status");
  if (!response.ok) return false;
  const status = (await response.json()) as {
    features?: { networkPolicy?: { offered?: boolean } };
  };
  return status.features?.networkPolicy?.offered === true;
}

function unlessGone(error: unknown): void {
  if (error instanceof APIError && error.response.status === NOT_FOUND) return;
  throw error;
}
