import * as z from "zod";
import { DEFAULTS } from "./defaults.ts";
import { Name } from "./name.ts";

/** A directory that outlives sandboxes. */
export const Drive = z.object({
  id: z.string(),
  name: Name,
  region: z.string(),
  maxSizeBytes: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
  currentSessionId: z.string().optional(),
  currentSandboxName: z.string().optional(),
});
export type Drive = z.output<typeof Drive>;

export const DriveRequest = z.strictObject({
  name: Name,
  region: z.string().min(1).default(DEFAULTS.region),
  /** The vendor's default: 1 TiB. */
  maxSizeBytes: z
    .int()
    .positive()
    .default(2 ** 40),
});
export type DriveRequest = z.output<typeof DriveRequest>;
