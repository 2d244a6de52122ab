import type { StopAnswer } from "@/studio/contract/chat.ts";
import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/chat/[projectId]/stop">;

export const POST = route(async (_request: Request, { params }: Context) => {
  const { projectId } = await params;
  const { projects, turns } = await sharedStudio();
  projects.get(projectId);
  return Response.json({ stopped: await turns.stop(projectId) } satisfies StopAnswer);
});
