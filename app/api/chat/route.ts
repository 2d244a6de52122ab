import { ChatRequest } from "@/studio/contract/chat.ts";
import { readJson, route } from "@/studio/server/http/answers.ts";
import { chunkStream } from "@/studio/server/http/chunk-stream.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

export const POST = route(async (request: Request) => {
  const { projectId, modelId, message, approvals } = await readJson(request, ChatRequest);
  const studio = await sharedStudio();
  const asked = message
    ? { message: { ...message, metadata: { createdAt: Date.now(), cause: "user" as const } } }
    : { approvals: approvals ?? [] };
  return chunkStream(await studio.ask(projectId, { modelId, cause: "user", ...asked }), request);
});
