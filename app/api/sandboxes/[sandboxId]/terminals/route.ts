import { OpenTerminalRequest, type TerminalList } from "@/studio/contract/terminal.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/terminals">;

export const GET = route(async (_request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { terminals } = await sharedStudio();
  return Response.json({ terminals: terminals.list(sandboxId) } satisfies TerminalList);
});

export const POST = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const size = await readJson(request, OpenTerminalRequest);
  const { terminals } = await sharedStudio();
  return Response.json(await terminals.open(sandboxId, size), { status: 201 });
});
