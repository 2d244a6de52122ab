import * as z from "zod";

/** From what a sandbox was made, and what each new session of it begins with. */
export const SandboxTemplate = z.object({
  templateId: z.string(),
  buildId: z.string(),
  /** As the caller named it. */
  name: z.string(),
  /** As whom commands run that name nobody. */
  user: z.string(),
  /** A line for the shell, run in the background in every new session. */
  startCommand: z.string().optional(),
  /** A line for the shell that succeeds once the sandbox is ready. */
  readyCommand: z.string().optional(),
});
export type SandboxTemplate = z.output<typeof SandboxTemplate>;
