import { sharedTransport, VERCEL_PREFIX } from "sandlot/host";
import * as z from "zod";

// The SDK has no methods for these, so they are asked for where it asks itself. Read loosely: the engine may be newer.
const ListedCommand = z.object({
  id: z.string(),
  name: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  exitCode: z.int().nullable().default(null),
  startedAt: z.int(),
  durationMs: z.number().optional(),
});
/** A command of a session, as the engine lists it. */
export type ListedCommand = z.output<typeof ListedCommand>;

const ListedCommands = z.object({ commands: z.array(ListedCommand) });

/** The commands of a session. Empty where the engine does not say, as in the cloud. */
export async function listSessionCommands(sessionId: string): Promise<ListedCommand[]> {
  // Without a limit: the studio's own errands, which nobody wants to see, would use it up.
  const answer = await ask(`${encodeURIComponent(sessionId)}/cmd`);
  return ListedCommands.safeParse(answer).data?.commands ?? [];
}

async function ask(path: string): Promise<unknown> {
  const transport = sharedTransport();
  // There the calls need the caller's own credentials, which only the SDK has.
  if (transport.kind === "vercel") return undefined;
  const response = await transport.fetch(`${VERCEL_PREFIX}/v2/sandboxes/sessions/${path}`);
  const answer: unknown = await response.json().catch(() => undefined); // It is no JSON: it says nothing.
  return response.ok ? answer : undefined;
}
