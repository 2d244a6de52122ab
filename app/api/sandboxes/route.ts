import { route } from "@/studio/server/http/answers.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

export const GET = route(async (request: Request) => {
  const { sandboxes } = await sharedStudio();
  return Response.json(await sandboxes.list(request.signal));
});
