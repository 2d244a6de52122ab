import * as z from "zod";
import { readQuery, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/cmds/[cmdId]">;

const KillQuery = z.object({ signal: z.enum(["SIGTERM", "SIGKILL"]).default("SIGTERM") });

export const GET = route(async (_request: Request, { params }: Context) => {
  const { sandboxId, cmdId } = await params;
  const { commands } = await sharedStudio();
  return Response.json(await commands.get(sandboxId, cmdId));
});

export const DELETE = route(async (request: Request, { params }: Context) => {
  const { sandboxId, cmdId } = await params;
  const { signal } = readQuery(request, KillQuery);
  await (await sharedStudio()).commands.kill(sandboxId, cmdId, signal);
  return new Response(null, { status: 204 });
});
