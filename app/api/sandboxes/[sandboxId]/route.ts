import { SandboxActionRequest } from "@/studio/contract/sandbox.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { sandboxes } = await sharedStudio();
  return Response.json(await sandboxes.get(sandboxId, request.signal));
});

export const POST = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const action = await readJson(request, SandboxActionRequest);
  const { sandboxes } = await sharedStudio();
  return Response.json(await sandboxes.act(sandboxId, action));
});

export const DELETE = route(async (_request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  await (await sharedStudio()).sandboxes.remove(sandboxId);
  return new Response(null, { status: 204 });
});
