import type { Command } from "../../contract/command.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { Engine } from "../../engine/engine.ts";

/** The session that the vendor has for what an image starts by itself. */
export const ENTRYPOINT = "entrypoint";

/** What the sandbox's template starts in every new session; undefined for one that starts nothing. */
export function entrypointCommand(
  { commands }: Pick<Engine, "commands">,
  { sandbox, session }: { sandbox: Sandbox; session: Session },
): Command | undefined {
  const startCommand = sandbox.template?.startCommand;
  if (startCommand === undefined) return undefined;
  // It is started before anything else can be.
  const { items } = commands.list(session.id, { limit: LIMITS.pageSize, sortOrder: "asc" });
  return items.find(({ args }) => args.includes(startCommand));
}
