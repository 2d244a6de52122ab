import { Readable } from "node:stream";
import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import type { FileInfo } from "../../../contract/file.ts";
import type { DriveFiles } from "../../../engine/file-words.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { isSameSecret } from "../../../std/same-secret.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json, nothing } from "../answers.ts";
import { WirePath } from "../envd/wire-filesystem.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { toTime } from "./present-sandbox.ts";
import { WholeNumber } from "./query-fields.ts";
import { readBody, readQuery } from "./read-request.ts";

const Path = WirePath.min(1)
  // The vendor takes what has no slash in front as a path from the volume's root, too.
  .transform((path) => (path.startsWith("/") ? path : `/${path}`))
  .refine((path) => !path.split("/").includes(".."), {
    message: "a path in a volume does not climb by ..",
  });

const Flag = z.enum(["true", "false"]).transform((text) => text === "true");

const PathQuery = z.object({ path: Path });
const ListQuery = z.object({
  path: Path,
  depth: WholeNumber.pipe(z.int().min(1).max(100)).default(1),
});
const MakeQuery = z.object({
  path: Path,
  uid: WholeNumber.optional(),
  gid: WholeNumber.optional(),
  mode: WholeNumber.pipe(z.int().max(0o7777)).optional(),
  force: Flag.default(false),
});
const Permissions = z.object({
  uid: z.int().nonnegative().nullish(),
  gid: z.int().nonnegative().nullish(),
  mode: z.int().min(0).max(0o7777).nullish(),
});

/** What is in volumes, for whoever holds a volume's token, with or without a sandbox that has it mounted. */
export function volumeContent(context: E2bContext): Endpoint[] {
  const at = (part: string) => `/volumecontent/:volume/${part}`;
  return [
    {
      method: "GET",
      path: at("path"),
      async answer(call) {
        const {
          files,
          query: { path },
        } = await opened(call, PathQuery, context);
        return json(presentEntry(await files.stat(path)));
      },
    },
    {
      method: "PATCH",
      path: at("path"),
      async answer(call) {
        const {
          files,
          query: { path },
        } = await opened(call, PathQuery, context);
        const { uid, gid, mode } = await readBody(call, Permissions, "a file's metadata");
        const wanted = withoutUndefined({
          uid: uid ?? undefined,
          gid: gid ?? undefined,
          mode: mode ?? undefined,
        });
        return json(presentEntry(await files.setPermissions(path, wanted)));
      },
    },
    {
      method: "DELETE",
      path: at("path"),
      async answer(call) {
        const {
          files,
          query: { path },
        } = await opened(call, PathQuery, context);
        await files.remove(path, { recursive: true, signal: call.request.signal });
        return nothing();
      },
    },
    {
      method: "GET",
      path: at("dir"),
      async answer(call) {
        const {
          files,
          query: { path, depth },
        } = await opened(call, ListQuery, context);
        const found = await files.list(path, { depth, signal: call.request.signal });
        return json(found.map(presentEntry));
      },
    },
    {
      method: "POST",
      path: at("dir"),
      async answer(call) {
        const { files, query } = await opened(call, MakeQuery, context);
        const { path, force, ...permissions } = query;
        const { created, info } = await files.makeDirectory(path, {
          recursive: force,
          ...withoutUndefined(permissions),
        });
        if (!created && !force) throw taken(path);
        return json(presentEntry(info), { status: 201 });
      },
    },
    {
      method: "GET",
      path: at("file"),
      async answer(call) {
        const {
          files,
          query: { path },
        } = await opened(call, PathQuery, context);
        const { content } = await files.read(path, { signal: call.request.signal });
        // Without a length: the file may grow or shrink while it is read.
        return new Response(Readable.toWeb(content) as ReadableStream<Uint8Array>, {
          headers: { "content-type": "application/octet-stream", "cache-control": "no-store" },
        });
      },
    },
    {
      method: "PUT",
      path: at("file"),
      async answer(call) {
        const { files, query } = await opened(call, MakeQuery, context);
        const { path, force: _force, ...permissions } = query;
        const body: AsyncIterable<Uint8Array> = call.request.body ?? noBytes();
        const info = await files.write(path, body, {
          signal: call.request.signal,
          ...withoutUndefined(permissions),
        });
        return json(presentEntry(info), { status: 201 });
      },
    },
  ];
}

async function* noBytes(): AsyncGenerator<Uint8Array, void, void> {}

/** Only the volume's own token opens it, not that of another one, nor a sandbox's. */
async function opened<Query extends z.ZodType>(
  call: Call,
  schema: Query,
  { engine, tokens }: E2bContext,
): Promise<{ files: DriveFiles; query: z.output<Query> }> {
  const volumeId = call.parameter("volume");
  const authorization = call.request.headers.get("authorization") ?? "";
  const given = /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (!isSameSecret(given, tokens.ofVolume(volumeId))) {
    throw new SandboxError(
      "unauthorized",
      "Send the volume's own token (Authorization: Bearer …), which Volume.connect tells.",
    );
  }
  const query = readQuery(call, schema, "this call's query");
  const { name } = await engine.drives.get(volumeId);
  return { files: engine.drives.files(name), query };
}

function taken(path: string): SandboxError {
  return new SandboxError("name_taken", `There is something at ${path} already.`);
}

function presentEntry(info: FileInfo) {
  const { name, path, type, size, mode, uid, gid } = info;
  return withoutUndefined({
    name,
    path,
    type: type === "other" ? ("unknown" as const) : type,
    size,
    mode,
    uid,
    gid,
    atime: toTime(info.accessedAt),
    mtime: toTime(info.modifiedAt),
    ctime: toTime(info.changedAt),
    target: info.symlinkTarget,
  });
}
