import type { HarnessV1SandboxProvider as SandboxProvider } from "@ai-sdk/harness";
import { createHash } from "node:crypto";
import { abortable } from "../std/abortable.ts";
import { describeError } from "../trigger-client/describe-error.ts";
import { APIError, Sandbox } from "../trigger-client/index.ts";
import { startingPolicy } from "./network-rules.ts";
import { networkSession } from "./network-session.ts";
import { sandboxSession } from "./sandbox-session.ts";

type CreateParams = NonNullable<Parameters<typeof Sandbox.create>[0]>;
type CreateOptions = NonNullable<Parameters<SandboxProvider["createSession"]>[0]>;
type FirstCreate = NonNullable<CreateOptions["onFirstCreate"]>;

/**
 * Either a sandbox of the caller's own, or what each new one is made with. When a harness changes the network of one of
 * the caller's own, or of a session that was resumed, rules of its policy that set headers or answer in a host's stead
 * end: no engine tells them.
 */
export type SandlotSandboxOptions =
  | { sandbox: Sandbox }
  | (Omit<CreateParams, "name" | "signal" | "source" | "tags"> & { sandbox?: never });

const PROVIDER_ID = "sandlot";
const READY = { "ai-sdk": "ready" };

/**
 * Sandboxes for the AI SDK's harnesses. Those of a session are found again by the session's id, from any process. What
 * `onFirstCreate` makes for an identity is done once, in a sandbox of its own whose snapshot the sessions start from.
 */
export function createSandlotSandbox(options: SandlotSandboxOptions = {}): SandboxProvider {
  const { sandbox: own, ...params } = options;
  const settings = params as CreateParams;
  const preparing = new Map<string, Preparation>();
  return {
    specificationVersion: "harness-sandbox-v1",
    providerId: PROVIDER_ID,
    async createSession({ sessionId, identity, onFirstCreate, abortSignal } = {}) {
      if (own) return networkSession(own);
      return withAuthentication(async () => {
        const wait = abortSignal ? { signal: abortSignal } : {};
        const setUp = { identity, onFirstCreate, settings, abortSignal };
        const snapshotId = await preparedFor(setUp, preparing);
        const created = await Sandbox.create({
          ...settings,
          ...wait,
          ...(sessionId !== undefined && { name: nameFor("session", sessionId) }),
          ...(snapshotId !== undefined && { source: { type: "snapshot", snapshotId } }),
        } as CreateParams);
        // Where nothing was prepared, the sandbox itself is: now.
        if (snapshotId === undefined) await firstUse(created, onFirstCreate, abortSignal);
        return settings.networkPolicy === undefined
          ? networkSession(created)
          : networkSession(created, startingPolicy(settings.networkPolicy));
      });
    },
    resumeSession: ({ sessionId, abortSignal }) =>
      withAuthentication(async () => {
        const name = nameFor("session", sessionId);
        const wait = abortSignal ? { signal: abortSignal } : {};
        return networkSession(await Sandbox.get({ name, resume: true, ...wait }));
      }),
  };
}

/** A sandbox that nobody gets to see in part: what cannot be set up is deleted again. */
async function firstUse(
  sandbox: Sandbox,
  onFirstCreate: FirstCreate | undefined,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  try {
    await onFirstCreate?.(sandboxSession(sandbox), abortSignal ? { abortSignal } : {});
  } catch (error) {
    await sandbox.delete({ deleteOrphanSnapshots: true });
    throw error;
  }
}

interface SetUp {
  identity: string | undefined;
  onFirstCreate: FirstCreate | undefined;
  settings: CreateParams;
  abortSignal: AbortSignal | undefined;
}

/** What is under way for an identity, and the signal of the session that began it. */
interface Preparation {
  snapshotId: Promise<string | undefined>;
  abortSignal: AbortSignal | undefined;
}

/** The snapshot that holds what is done once for the identity; undefined when each sandbox is to be set up by itself. */
async function preparedFor(
  setUp: SetUp,
  preparing: Map<string, Preparation>,
): Promise<string | undefined> {
  const { identity, onFirstCreate, abortSignal } = setUp;
  if (identity === undefined || !onFirstCreate) return undefined;
  const name = nameFor("template", identity);
  const begun = preparing.get(name);
  if (begun) {
    try {
      return await abortable(begun.snapshotId, abortSignal);
    } catch (error) {
      if (!begun.abortSignal?.aborted || abortSignal?.aborted) throw error;
      // Whoever began it does not wait any more, which is no reason for this one to fail.
      return preparedFor(setUp, preparing);
    }
  }
  const snapshotId = prepare(name, { ...setUp, onFirstCreate });
  preparing.set(name, { snapshotId, abortSignal });
  // The next session tries again, or finds what there is now.
  const forget = () => preparing.delete(name);
  snapshotId.then(forget, forget);
  return snapshotId;
}

async function prepare(
  name: string,
  { onFirstCreate, settings, abortSignal }: SetUp & { onFirstCreate: FirstCreate },
): Promise<string | undefined> {
  const found = await Sandbox.get({ name, resume: false }).catch(unlessMissing);
  if (found?.tags?.["ai-sdk"] === READY["ai-sdk"] && found.currentSnapshotId !== undefined) {
    return found.currentSnapshotId;
  }
  // Another process is at it. Waiting for it would be waiting for ever if it died.
  if (found?.status === "running") return undefined;
  // Whoever began it did not come to its end.
  await found?.delete({ deleteOrphanSnapshots: true });
  const template = await Sandbox.create({ ...settings, name, persistent: true }).catch(unlessTaken);
  if (!template) return undefined;
  await firstUse(template, onFirstCreate, abortSignal);
  const { snapshotId } = await template.snapshot({ expiration: 0 });
  await template.update({ tags: READY });
  return snapshotId;
}

/** A name for whatever an id may hold. */
function nameFor(kind: "session" | "template", id: string): string {
  return `ai-sdk-${kind}-${createHash("sha256").update(id).digest("hex").slice(0, 24)}`;
}

const statusOf = (error: unknown) =>
  error instanceof APIError ? error.response.status : undefined;

function unlessMissing(error: unknown): undefined {
  if (statusOf(error) !== 404) throw error;
}

function unlessTaken(error: unknown): undefined {
  if (statusOf(error) !== 409) throw error;
}

/** The harness tells wrong credentials from other failures by an error of its own. */
async function withAuthentication<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const status = statusOf(error);
    if (status !== 401 && status !== 403) throw error;
    const { HarnessSandboxAuthenticationError } = await import("@ai-sdk/harness");
    throw new HarnessSandboxAuthenticationError({
      message: `${describeError(error)} SANDLOT_ENGINE and SANDLOT_TOKEN say where sandboxes are, and by which right.`,
      sandboxProviderId: PROVIDER_ID,
      cause: error,
    });
  }
}
