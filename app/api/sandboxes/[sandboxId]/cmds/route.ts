import { type CommandList, StartCommandRequest } from "@/studio/contract/command.ts";
import { listCommands } from "@/studio/server/commands/list-commands.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sandboxAsItIs } from "@/studio/server/sandboxes/find-sandbox.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/cmds">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { records } = await sharedStudio();
  const sandbox = await sandboxAsItIs(sandboxId, request.signal);
  const commands = await listCommands(sandbox, records);
  return Response.json({ commands } satisfies CommandList);
});

export const POST = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const wanted = await readJson(request, StartCommandRequest);
  const { commands } = await sharedStudio();
  return Response.json(await commands.start(sandboxId, wanted), { status: 201 });
});
