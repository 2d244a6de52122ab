import type { CheckpointList } from "@/studio/contract/checkpoint.ts";
import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]/checkpoints">;

export const GET = route(async (_request: Request, { params }: Context) => {
  const { projectId } = await params;
  const { projects, checkpointStore } = await sharedStudio();
  const { id } = projects.get(projectId);
  return Response.json({ checkpoints: checkpointStore.list(id) } satisfies CheckpointList);
});
