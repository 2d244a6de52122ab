import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]/checkpoints/[checkpointId]/diff">;

export const GET = route(async (_request: Request, { params }: Context) => {
  const { projectId, checkpointId } = await params;
  const { projects, checkpoints } = await sharedStudio();
  const { id } = projects.get(projectId);
  return Response.json(await checkpoints.diff(id, checkpointId));
});
