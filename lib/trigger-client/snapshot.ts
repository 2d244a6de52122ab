import { Snapshot as VendorSnapshot } from "@vercel/sandbox";
import { adopt, bindClient, bound } from "./engine-binding.ts";

type Vendor = typeof VendorSnapshot;

/** The vendor's snapshot, of our engine. */
export class Snapshot extends VendorSnapshot {
  /** As 0.x and 1.x called `sourceSessionId`. */
  get sourceSandboxId(): string {
    return this.sourceSessionId;
  }

  static override async list(params?: Parameters<Vendor["list"]>[0]): ReturnType<Vendor["list"]> {
    return super.list(bound(params));
  }

  static override async tree(params: Parameters<Vendor["tree"]>[0]): ReturnType<Vendor["tree"]> {
    return super.tree(bound(params));
  }

  static override async get(params: Parameters<Vendor["get"]>[0]): Promise<Snapshot> {
    return adopt(await super.get(bound(params)), Snapshot);
  }
}

bindClient(Snapshot);
