import { GenerateRequest } from "@/studio/contract/generate.ts";
import { generateApp } from "@/studio/server/generate/generate-app.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { eventStream } from "@/studio/server/http/event-stream.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

export const POST = route(async (request: Request) => {
  const wanted = await readJson(request, GenerateRequest);
  const studio = await sharedStudio();
  return eventStream((signal) => generateApp(studio, wanted, signal), request);
});
