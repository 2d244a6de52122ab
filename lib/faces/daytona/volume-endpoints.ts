import * as z from "zod";
import { type Drive, DriveRequest } from "../../contract/drive.ts";
import { SandboxError } from "../../contract/errors.ts";
import { Name } from "../../contract/name.ts";
import type { Engine } from "../../engine/engine.ts";
import { everyItem } from "../../engine/every-item.ts";
import type { Endpoint } from "../../engine/face-request.ts";
import { type DaytonaContext, done, json } from "./answers.ts";
import { ORGANIZATION, toTime } from "./present-sandbox.ts";
import { readJson } from "./read-request.ts";

const CreateBody = z.object({ name: Name });

/** `/volumes`: what the engine calls drives. */
export function volumeEndpoints({ engine }: DaytonaContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/volumes",
      answer: async () => json(allDrives(engine).map(presentVolume)),
    },
    {
      method: "POST",
      path: "/volumes",
      async answer({ request }) {
        const { name } = await readJson(request, CreateBody, "a new volume");
        const { drive, created } = await engine.drives.getOrCreate(DriveRequest.parse({ name }));
        if (created) return json(presentVolume(drive));
        throw new SandboxError(
          "name_taken",
          `A volume named ${name} exists already; get it, delete it, or choose another name.`,
        );
      },
    },
    {
      method: "GET",
      path: "/volumes/by-name/:name",
      answer: async ({ parameter }) =>
        json(presentVolume(await findDrive(engine, parameter("name")))),
    },
    {
      method: "GET",
      path: "/volumes/:id",
      answer: async ({ parameter }) =>
        json(presentVolume(await findDrive(engine, parameter("id")))),
    },
    {
      method: "DELETE",
      path: "/volumes/:id",
      async answer({ parameter }) {
        const { name } = await findDrive(engine, parameter("id"));
        await engine.drives.delete(name);
        return done();
      },
    },
  ];
}

/** Every drive, the newest first. */
export function allDrives({ drives }: Pick<Engine, "drives">): Drive[] {
  return [...everyItem((part) => drives.list({ ...part, sortOrder: "desc" }))];
}

async function findDrive({ drives }: Pick<Engine, "drives">, nameOrId: string): Promise<Drive> {
  try {
    return await drives.get(nameOrId);
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "drive_not_found") throw error;
    // The vendor's word, for its clients' users.
    const message = `There is no volume with the name or id ${JSON.stringify(nameOrId)}.`;
    throw new SandboxError("drive_not_found", message, { cause: error });
  }
}

function presentVolume({ id, name, createdAt, updatedAt, currentSandboxName }: Drive) {
  return {
    id,
    name,
    organizationId: ORGANIZATION,
    state: "ready",
    createdAt: toTime(createdAt),
    updatedAt: toTime(updatedAt),
    ...(currentSandboxName !== undefined && { lastUsedAt: toTime(updatedAt) }),
    errorReason: null,
  };
}
