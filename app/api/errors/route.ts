import { ErrorReport } from "@/studio/contract/runtime-error.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

export const POST = route(async (request: Request) => {
  const { projectId, errors } = await readJson(request, ErrorReport);
  const { autoFix } = await sharedStudio();
  return Response.json(await autoFix.report(projectId, errors));
});
