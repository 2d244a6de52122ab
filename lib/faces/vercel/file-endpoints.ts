import { Readable } from "node:stream";
import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { mediaType } from "../../engine/face-request.ts";
import { bodyOf } from "../../engine/request-body.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Call, type Endpoint, type FaceContext, json } from "./answers.ts";
import { readJson } from "./read-request.ts";
import { requireRunning } from "./session-endpoints.ts";

const Path = z
  .string()
  .min(1)
  .max(LIMITS.pathLength)
  .refine((path) => !path.includes("\0"), { message: "a path holds no NUL" });

const ReadBody = z.strictObject({ path: Path, cwd: Path.optional() });

const MakeDirectoryBody = z.strictObject({
  path: Path,
  cwd: Path.optional(),
  // The vendor's REST pages say true, its own tests expect a missing parent to be refused; clients that
  // want parents run `mkdir -p`.
  recursive: z.boolean().default(false),
});

const ARCHIVE_TYPES = new Set([
  "application/gzip",
  "application/x-gzip",
  "application/x-tar",
  "application/octet-stream",
]);

/** What the two dialects do differently about files: whose they are. */
interface FileDialect {
  context: FaceContext;
  sessionOf: (call: Call) => Promise<string>;
}

/** What is below `…/fs`. */
export function fileEndpoints(context: FaceContext): Endpoint[] {
  return filesBelow("/sandboxes/sessions/:id/fs", {
    context,
    sessionOf: async ({ parameter }) => parameter("id"),
  });
}

export function filesBelow(base: string, { context, sessionOf }: FileDialect): Endpoint[] {
  const { engine } = context;
  return [
    {
      method: "POST",
      path: `${base}/write`,
      async answer(call) {
        const archive = archiveBody(call.request);
        const { session } = await engine.sessions.get(await sessionOf(call));
        requireRunning(session);
        const directory = targetDirectory(call.request, session.cwd);
        const { signal } = call.request;
        await engine.files.writeArchive(session.id, archive, { directory, signal });
        return json({});
      },
    },
    {
      method: "POST",
      path: `${base}/read`,
      async answer(call) {
        const file = withoutUndefined(await readJson(call.request, ReadBody, "reading a file"));
        const { signal } = call.request;
        const { content } = await engine.files.read(await sessionOf(call), file, { signal });
        // Without a length: the file may grow or shrink while it is read.
        return new Response(Readable.toWeb(content) as ReadableStream<Uint8Array>, {
          headers: { "content-type": "application/octet-stream", "cache-control": "no-store" },
        });
      },
    },
    {
      method: "POST",
      path: `${base}/mkdir`,
      async answer(call) {
        const body = await readJson(call.request, MakeDirectoryBody, "making a directory");
        await engine.files.makeDirectory(await sessionOf(call), withoutUndefined(body));
        return json({});
      },
    },
  ];
}

function archiveBody(request: Request): Readable {
  const type = mediaType(request);
  if (type === undefined || !ARCHIVE_TYPES.has(type)) {
    throw new SandboxError(
      "unsupported_media_type",
      `Files are written as a tar archive, gzipped or not (content-type: application/gzip); this one said ${type ?? "nothing"}.`,
    );
  }
  if (request.body) return bodyOf(request);
  throw new SandboxError("invalid_request", "The body must be a tar archive; it is empty.");
}

function targetDirectory(request: Request, cwd: string): string {
  const directory = request.headers.get("x-cwd") ?? cwd;
  if (directory.startsWith("/") && Path.safeParse(directory).success) return directory;
  throw new SandboxError(
    "invalid_request",
    `The header x-cwd must be an absolute path; given was ${JSON.stringify(directory.slice(0, 60))}.`,
  );
}
