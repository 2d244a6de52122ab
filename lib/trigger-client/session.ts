import { Session as VendorSession } from "@vercel/sandbox";
import { adoptCommand, type Command, type CommandFinished } from "./command.ts";
import { adopt, bindClient, usesCloud } from "./engine-binding.ts";
import type { Usage } from "../contract/usage.ts";
import { reachable } from "./reachable-route.ts";
import { sessionUsage, type UsageOptions } from "./session-usage.ts";
import { Snapshot } from "./snapshot.ts";

type Vendor = VendorSession;
type RunCommandParams = Exclude<Parameters<Vendor["runCommand"]>[0], string>;

/** The vendor's session, of our engine: its ports are at URLs of this machine. */
export class Session extends VendorSession {
  /** The URL at which the port is reached at once, from Node, curl and a browser. */
  override domain(port: number): string {
    if (usesCloud()) return super.domain(port);
    // The vendor compares loosely, for programs that pass a text.
    const route = this.routes.find((each) => each.port === Number(port));
    return route ? reachable(route) : super.domain(port);
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

  override async getCommand(...call: Parameters<Vendor["getCommand"]>): Promise<Command> {
    return adoptCommand(await super.getCommand(...call)) as Command;
  }

  override async snapshot(...call: Parameters<Vendor["snapshot"]>): Promise<Snapshot> {
    return adopt(await super.snapshot(...call), Snapshot);
  }

  /** Not the vendor's: what the session has used so far, or in all its life. Throws `unsupported` in the vendor's cloud. */
  usage(options: UsageOptions = {}): Promise<Usage> {
    return sessionUsage(this.sessionId, options);
  }
}

bindClient(Session);
