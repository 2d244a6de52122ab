import { commandLogs } from "@/studio/server/commands/command-logs.ts";
import { route } from "@/studio/server/http/answers.ts";
import { lineStream } from "@/studio/server/http/line-stream.ts";
import { findEarlierCommand, sandboxAsItIs } from "@/studio/server/sandboxes/find-sandbox.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/cmds/[cmdId]/logs">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId, cmdId } = await params;
  const command = await findEarlierCommand(await sandboxAsItIs(sandboxId), cmdId);
  return lineStream((signal) => commandLogs(command, signal), request);
});
