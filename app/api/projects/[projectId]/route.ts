import { type ProjectDetail, UpdateProjectRequest } from "@/studio/contract/project.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]">;

export const GET = route(async (_request: Request, { params }: Context) => {
  const { projectId } = await params;
  const { projects } = await sharedStudio();
  const detail = { project: projects.get(projectId), messages: projects.messages(projectId) };
  return Response.json(detail satisfies ProjectDetail);
});

export const PATCH = route(async (request: Request, { params }: Context) => {
  const { projectId } = await params;
  const change = await readJson(request, UpdateProjectRequest);
  const studio = await sharedStudio();
  return Response.json(studio.updateProject(projectId, change));
});

export const DELETE = route(async (_request: Request, { params }: Context) => {
  const { projectId } = await params;
  await (await sharedStudio()).deleteProject(projectId);
  return new Response(null, { status: 204 });
});
