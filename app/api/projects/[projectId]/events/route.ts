import { route } from "@/studio/server/http/answers.ts";
import { eventStream } from "@/studio/server/http/event-stream.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]/events">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { projectId } = await params;
  const studio = await sharedStudio();
  studio.projects.get(projectId);
  return eventStream(async function* (signal) {
    for await (const data of studio.watch(projectId, signal)) yield { data };
  }, request);
});
