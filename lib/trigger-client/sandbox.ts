import { APIError, Sandbox as VendorSandbox } from "@vercel/sandbox";
import type { Usage } from "../contract/usage.ts";
import type { Command, CommandFinished } from "./command.ts";
import { adoptCommand } from "./command.ts";
import { adopt, bindClient, bound } from "./engine-binding.ts";
import { type OldSandboxList, type TimeRange, withOldForm } from "./old-lists.ts";
import { rememberName } from "./sandbox-names.ts";
import type { UsageOptions } from "./session-usage.ts";
import { Session } from "./session.ts";
import { Snapshot } from "./snapshot.ts";

type Vendor = typeof VendorSandbox;
type CreateParams = NonNullable<Parameters<Vendor["create"]>[0]>;
type ForkParams = Parameters<Vendor["fork"]>[0];
type GetParams = Parameters<Vendor["get"]>[0];
type GetOrCreateParams = NonNullable<Parameters<Vendor["getOrCreate"]>[0]>;
type RunCommandParams = Exclude<Parameters<VendorSandbox["runCommand"]>[0], string>;
type ListParams<Tags extends Record<string, string>> = NonNullable<
  Parameters<typeof VendorSandbox.list<Tags>>[0]
>;
type List<Tags extends Record<string, string>> = Awaited<
  ReturnType<typeof VendorSandbox.list<Tags>>
>;

const CONFLICT = 409;

/** How 0.x and 1.x named the sandbox. */
type GetByIdParams = Omit<GetParams, "name"> & { sandboxId: string };
/**
 * The vendor's sandbox, of our engine. Programs for 0.x and 1.x are understood, too: the id that they ask
 * for and pass back is the sandbox's name.
 */
export class Sandbox extends VendorSandbox {
  /** The sandbox's name, as 0.x and 1.x programs ask for it. */
  get sandboxId(): string {
    return this.name;
  }

  static override async create(params?: CreateParams): Promise<Sandbox & AsyncDisposable> {
    return adoptSandbox(await super.create(withHooks(bound(params)))) as DisposableSandbox;
  }

  static override async fork(params: ForkParams): Promise<Sandbox & AsyncDisposable> {
    return adoptSandbox(await super.fork(withHooks(bound(params)))) as DisposableSandbox;
  }

  static override async get(params: GetParams | GetByIdParams): Promise<Sandbox> {
    return adoptSandbox(await super.get(withHooks(bound(named(params)))));
  }

  /** As the vendor's; callers that race on one name all get the one sandbox that the first of them made. */
  static override async getOrCreate(params?: GetOrCreateParams): Promise<Sandbox> {
    try {
      return adoptSandbox(await super.getOrCreate(withHooks(bound(params))));
    } catch (error) {
      // Made by somebody else between this call's look and its own try.
      if (!params?.name || !isNameTaken(error)) throw error;
      return this.get({ ...params, name: params.name });
    }
  }

  /** As the vendor's; the result also has the form of 0.x and 1.x: `json.sandboxes`. */
  static override async list<Tags extends Record<string, string>>(
    params?: ListParams<Tags> & TimeRange,
  ): Promise<List<Tags> & OldSandboxList> {
    const { since, until, ...rest } = params ?? ({} as ListParams<Tags> & TimeRange);
    const list = await super.list<Tags>(bound(rest as ListParams<Tags>));
    const range = { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
    return withOldForm(list, { ...range, limit: rest.limit });
  }

  override currentSession(): Session {
    return adopt(super.currentSession(), Session);
  }

  override runCommand(
    command: string,
    args?: string[],
    opts?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<CommandFinished>;
  override runCommand(params: RunCommandParams & { detached: true }): Promise<Command>;
  override runCommand(params: RunCommandParams): Promise<CommandFinished>;
  override async runCommand(
    command: string | RunCommandParams,
    args?: string[],
    opts?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<Command | CommandFinished> {
    // The vendor's overloads know each form; this is all of them.
    return adoptCommand(await super.runCommand(command as string, args, opts));
  }

  override async getCommand(...call: Parameters<VendorSandbox["getCommand"]>): Promise<Command> {
    return adoptCommand(await super.getCommand(...call)) as Command;
  }

  /** `blocking` is how 1.x asked for what always holds now: it returns when the sandbox is stopped. */
  override async stop(opts?: {
    signal?: AbortSignal;
    blocking?: boolean;
  }): ReturnType<VendorSandbox["stop"]> {
    return super.stop(opts);
  }

  override async snapshot(...call: Parameters<VendorSandbox["snapshot"]>): Promise<Snapshot> {
    return adopt(await super.snapshot(...call), Snapshot);
  }

  /** Not the vendor's: what the current session has used. Throws `unsupported` in the vendor's cloud. */
  usage(options: UsageOptions = {}): Promise<Usage> {
    return this.currentSession().usage(options);
  }
}

bindClient(Sandbox, (stored) => adoptSandbox(stored as VendorSandbox));

/** One that stops at the end of an `await using`. */
class DisposableSandbox extends Sandbox implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function adoptSandbox(sandbox: VendorSandbox): Sandbox {
  if (sandbox instanceof Sandbox) return sandbox;
  // A created one can be disposed of; one that was there belongs to others, too.
  const adopted = adopt(sandbox, Symbol.asyncDispose in sandbox ? DisposableSandbox : Sandbox);
  rememberName(adopted, adopted.name);
  // One that came out of storage has a session that would look for the cloud by itself.
  const session: unknown = Reflect.get(adopted, "session");
  if (session) adopted.currentSession();
  return adopted;
}

/** The caller's own functions get a sandbox of our class, whenever the vendor's code calls them. */
function withHooks<Params extends object>(params: Params): Params {
  const hooks: Record<string, unknown> = {};
  for (const name of ["onCreate", "onResume"]) {
    const hook: unknown = Reflect.get(params, name);
    if (typeof hook !== "function") continue;
    hooks[name] = (sandbox: VendorSandbox): unknown => hook(adoptSandbox(sandbox));
  }
  return { ...params, ...hooks };
}

function isNameTaken(error: unknown): boolean {
  return error instanceof APIError && error.response.status === CONFLICT;
}

function named(params: GetParams | GetByIdParams): GetParams {
  if (!("sandboxId" in params)) return params;
  const { sandboxId, ...rest } = params;
  return { name: sandboxId, ...rest };
}
