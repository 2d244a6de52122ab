import { route } from "@/studio/server/http/answers.ts";
import { chunkStream } from "@/studio/server/http/chunk-stream.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/chat/[projectId]/stream">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { projectId } = await params;
  const { projects, turns } = await sharedStudio();
  projects.get(projectId);
  const chunks = turns.stream(projectId);
  return chunks ? chunkStream(chunks, request) : new Response(null, { status: 204 });
});
