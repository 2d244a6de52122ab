import { downloadProject } from "@/studio/server/files/download-project.ts";
import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/projects/[projectId]/download">;

export const GET = route(async (request: Request, { params }: Context) => {
  const { projectId } = await params;
  const studio = await sharedStudio();
  const { name } = studio.projects.get(projectId);
  const sandbox = await studio.sandboxOf(projectId);
  const body = await downloadProject(sandbox, request.signal);
  const file = name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "") || "project";
  return new Response(body, {
    headers: {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="${file}.zip"`,
      "cache-control": "no-store",
    },
  });
});
