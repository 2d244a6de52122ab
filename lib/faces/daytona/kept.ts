import * as z from "zod";
import type { Sandbox } from "../../contract/sandbox.ts";
import type { Json } from "../../engine/ports.ts";

/** What this face remembers of a sandbox, because the engine has no word for it. */
export const Kept = z.object({
  public: z.boolean().default(false),
  /** Whatever the client called its region. */
  target: z.string().default("local"),
  /** The name or the Dockerfile that it was made from. */
  snapshot: z.string().optional(),
  dockerfile: z.string().optional(),
  /** Minutes. Nothing is archived here: there is no colder place than this machine's disk. */
  autoArchiveInterval: z.int().nonnegative().optional(),
  /** GiB, as it was asked for: there is no quota. */
  disk: z.number().optional(),
  /** How often the key that signs its file links was changed. */
  signingKeyRotations: z.int().nonnegative().default(0),
  /** Signed preview tokens that were ended before their time, and when that would have been (seconds since the epoch). */
  endedPreviews: z.record(z.string(), z.number()).default({}),
});
export type Kept = z.output<typeof Kept>;

const FACE = "daytona";

/** Of a sandbox that another face made: what holds for one of which nothing is known. */
export function keptOf(sandbox: Pick<Sandbox, "kept">): Kept {
  const parsed = Kept.safeParse(sandbox.kept?.[FACE] ?? {});
  return parsed.success ? parsed.data : Kept.parse({});
}

/** As `Sandbox.kept` takes it. */
export function toKept(kept: z.input<typeof Kept>): Record<string, Json> {
  // Through JSON, so that absent fields are no fields.
  return { [FACE]: JSON.parse(JSON.stringify(kept)) as Json };
}
