import { CreateProjectRequest, type ProjectList } from "@/studio/contract/project.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

export const GET = route(async () => {
  const { projects } = await sharedStudio();
  return Response.json({ projects: projects.list() } satisfies ProjectList);
});

export const POST = route(async (request: Request) => {
  const wanted = await readJson(request, CreateProjectRequest);
  const { projects } = await sharedStudio();
  return Response.json(projects.create(wanted), { status: 201 });
});
