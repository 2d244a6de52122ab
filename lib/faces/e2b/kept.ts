import * as z from "zod";
import type { Sandbox } from "../../contract/sandbox.ts";

/** What this face has to remember of a sandbox and the engine has no word for, under `Sandbox.kept.e2b`. */
const E2bKept = z.object({
  /** As it was asked for at create; absent for a sandbox of another face. */
  templateId: z.string().optional(),
  /** The template's name, where it was asked for by one. */
  alias: z.string().optional(),
  /** Whether its services ask for its token. Old clients could leave that off. */
  secure: z.boolean().default(true),
  /** Whether its ports are open to whoever reaches this machine's loopback. */
  allowPublicTraffic: z.boolean().default(true),
  /** The Host header with which requests reach its ports; `${PORT}` stands for the port. */
  maskRequestHost: z.string().optional(),
  /** As it was asked for, to be told again. */
  network: z.record(z.string(), z.json()).optional(),
  allowInternetAccess: z.boolean().optional(),
});
type E2bKept = z.output<typeof E2bKept>;

/** What is kept of the sandbox, with what holds for one that this face did not make. */
export function keptOf(sandbox: Pick<Sandbox, "kept">): E2bKept {
  return E2bKept.parse(sandbox.kept?.["e2b"] ?? {});
}
