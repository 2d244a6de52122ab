import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type DaytonaContext, done, json, type ToolboxEndpoint } from "./answers.ts";
import { findByName, findInFiles, replaceIn } from "./file-search.ts";
import { presentFile } from "./present-file.ts";
import { Flag, readQuery, readToolboxJson } from "./read-request.ts";

export const FilePath = z
  .string()
  .min(1)
  .max(LIMITS.pathLength)
  .refine((path) => !path.includes("\0"), { message: "a path holds no NUL" });

/** Permission bits as people write them, such as 755. */
const Mode = z
  .string()
  .regex(/^[0-7]{1,5}$/, { message: "a mode is an octal number such as 755" })
  .transform((digits) => Number.parseInt(digits, 8));

export const PathQuery = z.object({ path: FilePath });
const ListQuery = z.object({
  path: FilePath.default("."),
  depth: z.coerce.number().pipe(z.int().min(1)).optional(),
});
const DeleteQuery = z.object({ path: FilePath, recursive: Flag.default(false) });
const FolderQuery = z.object({ path: FilePath, mode: Mode.optional() });
const MoveQuery = z.object({ source: FilePath, destination: FilePath });
const PermissionsQuery = z.object({
  path: FilePath,
  mode: Mode.optional(),
  owner: z.string().min(1).optional(),
  group: z.string().min(1).optional(),
});
const PatternQuery = z.object({ path: FilePath, pattern: z.string().min(1) });
const ReplaceBody = z.object({
  files: z.array(FilePath),
  pattern: z.string().min(1),
  newValue: z.string(),
});

/** `/files`, but for the contents of files as they come and go. */
export function fileEndpoints(context: DaytonaContext): ToolboxEndpoint[] {
  const { files, isolation } = context.engine;
  return [
    {
      method: "GET",
      path: "/files",
      async answer({ request, url, session }) {
        const { path, depth } = readQuery(url, ListQuery, "a list of files");
        const found = await files.list(session.id, withoutUndefined({ path, depth }), request);
        return json(
          found.map((file) => presentFile(file, depth === undefined ? {} : { path: file.path })),
        );
      },
    },
    {
      method: "DELETE",
      path: "/files",
      async answer({ request, url, session }) {
        const { path, recursive } = readQuery(url, DeleteQuery, "a deletion");
        const { type } = await files.stat(session.id, { path });
        if (type === "directory" && !recursive) {
          throw new SandboxError(
            "invalid_request",
            `${path} is a directory; delete it with recursive.`,
          );
        }
        await files.remove(session.id, { path, recursive }, request);
        return done(204);
      },
    },
    {
      method: "GET",
      path: "/files/info",
      async answer({ url, session }) {
        const { path } = readQuery(url, PathQuery, "a question for a file");
        return json(presentFile(await files.stat(session.id, { path })));
      },
    },
    {
      method: "POST",
      path: "/files/folder",
      async answer({ url, session }) {
        const { path, mode } = readQuery(url, FolderQuery, "a new folder");
        await files.makeDirectory(session.id, withoutUndefined({ path, mode, recursive: true }));
        return done(201);
      },
    },
    {
      method: "POST",
      path: "/files/move",
      async answer({ request, url, session }) {
        const move = readQuery(url, MoveQuery, "a move");
        await files.move(session.id, move, request);
        return done();
      },
    },
    {
      method: "POST",
      path: "/files/permissions",
      async answer({ url, session }) {
        const query = readQuery(url, PermissionsQuery, "permissions");
        // Only root gives files away, also to the one who has them already.
        const givesAway = (query.owner ?? query.group) !== undefined;
        const sudo = givesAway && isolation.features.users.offered;
        await files.setPermissions(session.id, withoutUndefined({ ...query, sudo }));
        return done();
      },
    },
    {
      method: "GET",
      path: "/files/find",
      async answer(call) {
        const { path, pattern } = readQuery(call.url, PatternQuery, "a search in files");
        return json(await findInFiles(context, call, { path, pattern }));
      },
    },
    {
      method: "GET",
      path: "/files/search",
      async answer(call) {
        const { path, pattern } = readQuery(call.url, PatternQuery, "a search for files");
        return json({ files: await findByName(context, call, { path, pattern }) });
      },
    },
    {
      method: "POST",
      path: "/files/replace",
      async answer({ request, session }) {
        const body = await readToolboxJson(request, ReplaceBody, "a replacement");
        const results = [];
        for (const file of body.files) {
          results.push(await replaceIn(context, session.id, { ...body, file }));
        }
        return json(results);
      },
    },
  ];
}
