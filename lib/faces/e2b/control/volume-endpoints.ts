import * as z from "zod";
import { type Drive, DriveRequest } from "../../../contract/drive.ts";
import { SandboxError } from "../../../contract/errors.ts";
import { everyItem } from "../../../engine/every-item.ts";
import { checkFields, type Endpoint } from "../../../engine/face-request.ts";
import { json, nothing } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readBody } from "./read-request.ts";

const NewVolume = z.object({ name: z.string().min(1) });

/** The vendor's volumes are the engine's drives. */
export function volumeEndpoints({ engine, tokens }: E2bContext): Endpoint[] {
  const { drives } = engine;
  const withToken = (drive: Drive) => ({
    ...presentVolume(drive),
    token: tokens.ofVolume(drive.id),
  });
  return [
    {
      method: "GET",
      path: "/volumes",
      async answer() {
        const all = everyItem((part) => drives.list({ ...part, sortOrder: "desc" }));
        return json(Array.from(all, presentVolume));
      },
    },
    {
      method: "POST",
      path: "/volumes",
      async answer(call) {
        const { name } = await readBody(call, NewVolume, "a volume");
        const { drive, created } = await drives.getOrCreate(
          checkFields(DriveRequest, { name }, "a volume"),
        );
        if (!created) {
          throw new SandboxError(
            "name_taken",
            `A volume named ${name} exists already; connect to it, or choose another name.`,
          );
        }
        return json(withToken(drive), { status: 201 });
      },
    },
    {
      method: "GET",
      path: "/volumes/:id",
      answer: async ({ parameter }) => json(withToken(await drives.get(parameter("id")))),
    },
    {
      method: "DELETE",
      path: "/volumes/:id",
      async answer({ parameter }) {
        const { name } = await drives.get(parameter("id"));
        await drives.delete(name);
        return nothing();
      },
    },
  ];
}

function presentVolume({ id, name }: Drive) {
  return { volumeID: id, name };
}
