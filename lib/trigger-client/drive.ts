import { Drive as VendorDrive } from "@vercel/sandbox";
import { adopt, bindClient, bound } from "./engine-binding.ts";

type Vendor = typeof VendorDrive;

/** The vendor's drive, of our engine. */
export class Drive extends VendorDrive {
  static override async list(params?: Parameters<Vendor["list"]>[0]): ReturnType<Vendor["list"]> {
    return super.list(bound(params));
  }

  static override async getOrCreate(params: Parameters<Vendor["getOrCreate"]>[0]): Promise<Drive> {
    return adopt(await super.getOrCreate(bound(params)), Drive);
  }
}

bindClient(Drive);
