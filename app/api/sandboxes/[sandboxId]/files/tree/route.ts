import * as z from "zod";
import { readTree } from "@/studio/server/files/read-tree.ts";
import { readQuery, route } from "@/studio/server/http/answers.ts";
import { sandboxIfRunning } from "@/studio/server/sandboxes/find-sandbox.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/files/tree">;

const Query = z.object({ path: z.string().max(4_096).default("") });

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { path } = readQuery(request, Query);
  const sandbox = await sandboxIfRunning(sandboxId, request.signal);
  return Response.json(await readTree(sandbox, path, request.signal));
});
