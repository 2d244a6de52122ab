import { listModels } from "@/ai/models.ts";
import { route } from "@/studio/server/http/answers.ts";

export const GET = route(async () => Response.json(await listModels()));
