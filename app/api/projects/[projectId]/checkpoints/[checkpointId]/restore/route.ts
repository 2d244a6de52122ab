import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]/checkpoints/[checkpointId]/restore">;

export const POST = route(async (_request: Request, { params }: Context) => {
  const { projectId, checkpointId } = await params;
  const studio = await sharedStudio();
  return Response.json(await studio.restore(projectId, checkpointId));
});
