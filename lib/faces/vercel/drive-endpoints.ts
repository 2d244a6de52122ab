import * as z from "zod";
import { DriveRequest } from "../../contract/drive.ts";
import { checkFields, type Fields, readFields } from "../../engine/face-request.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Call, type Endpoint, type FaceContext, json } from "./answers.ts";
import { presentDrive } from "./present-records.ts";
import { readQuery, withoutPrivate } from "./read-request.ts";
import { DrivesQuery, NoQuery, pagination } from "./wire-lists.ts";

const { name, region, maxSizeBytes } = DriveRequest.shape;
const DriveBody = z.strictObject({ region, maxSizeBytes });
const ForkBody = z.strictObject({ name });
const PathName = z.strictObject({ name });

// Drives belong to a project of the caller's; where none is named, to this one.
const LOCAL_PROJECT = "prj_local";

/** `/sandboxes/drives`. */
export function driveEndpoints({ engine }: FaceContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/sandboxes/drives",
      async answer(call) {
        const query = readQuery(call.url, DrivesQuery, "this list's query");
        const page = engine.drives.list(withoutUndefined(query));
        const drives = page.items.map((drive) => presentDrive(drive, project(call)));
        return json({ drives, pagination: pagination(page) });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/drives/:name",
      async answer(call) {
        readQuery(call.url, NoQuery, "this call's query");
        const drive = await engine.drives.get(call.parameter("name"));
        return json({ drive: presentDrive(drive, project(call)) });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/drives/:name",
      async answer(call) {
        readQuery(call.url, NoQuery, "this call's query");
        const fields = await readFields(call.request);
        const body = checkFields(DriveBody, withoutPrivate(fields), "a drive");
        const named = checkFields(PathName, { name: call.parameter("name") }, "a drive");
        const { drive, created } = await engine.drives.getOrCreate({ ...named, ...body });
        const status = created ? 201 : 200;
        return json({ drive: presentDrive(drive, project(call, fields)) }, { status });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/drives/:name/fork",
      async answer(call) {
        readQuery(call.url, NoQuery, "this call's query");
        const fields = await readFields(call.request);
        const body = checkFields(ForkBody, withoutPrivate(fields), "a fork of a drive");
        // A copy has its source's size and place.
        const source = await engine.drives.get(call.parameter("name"));
        const drive = await engine.drives.fork(source.name, {
          name: body.name,
          region: source.region,
          maxSizeBytes: source.maxSizeBytes,
        });
        return json({ drive: presentDrive(drive, project(call, fields)) }, { status: 201 });
      },
    },
    {
      method: "DELETE",
      path: "/sandboxes/drives/:name",
      async answer(call) {
        readQuery(call.url, NoQuery, "this call's query");
        const drive = await engine.drives.delete(call.parameter("name"));
        return json({ drive: presentDrive(drive, project(call)) });
      },
    },
  ];
}

function project({ url }: Call, fields: Fields = {}): string {
  const query = url.searchParams;
  const given = fields["projectId"] ?? query.get("projectId") ?? query.get("project");
  return typeof given === "string" && given !== "" ? given : LOCAL_PROJECT;
}
