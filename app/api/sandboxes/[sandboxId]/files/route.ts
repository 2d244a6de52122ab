import { Readable } from "node:stream";
import * as z from "zod";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { readProjectFile, saveProjectFile } from "@/studio/server/files/project-files.ts";
import { readBody, readQuery, route } from "@/studio/server/http/answers.ts";
import { sandboxIfRunning } from "@/studio/server/sandboxes/find-sandbox.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";

type Context = RouteContext<"/api/sandboxes/[sandboxId]/files">;

const Query = z.object({ path: z.string().min(1).max(4_096) });

export const GET = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { path } = readQuery(request, Query);
  const sandbox = await sandboxIfRunning(sandboxId, request.signal);
  const content = await readProjectFile(sandbox, path, request.signal);
  return new Response(Readable.toWeb(Readable.from(content)) as ReadableStream<Uint8Array>, {
    headers: {
      // The file is the user's, and the studio's origin must not run it.
      "content-type": "application/octet-stream",
      "content-security-policy": "sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
});

export const PUT = route(async (request: Request, { params }: Context) => {
  const { sandboxId } = await params;
  const { path } = readQuery(request, Query);
  const content = await readBody(request, STUDIO_LIMITS.fileBytes);
  const saved = await saveProjectFile(await sandboxIfRunning(sandboxId), path, content);
  (await sharedStudio()).filesChanged(sandboxId, [saved.path]);
  return Response.json(saved);
});
