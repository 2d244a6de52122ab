import * as z from "zod";
import type { Secret } from "../../../contract/secret.ts";
import type { Endpoint } from "../../../engine/face-request.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json, nothing } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readBody, readQuery } from "./read-request.ts";
import { PageQuery, withNextToken } from "./pages.ts";
import { toTime } from "./present-sandbox.ts";

const Metadata = z.record(z.string(), z.string());
const NewSecret = z.object({
  name: z.string().min(1),
  value: z.string(),
  metadata: Metadata.optional(),
});
const SecretUpdate = z.object({ value: z.string(), metadata: Metadata.optional() });

/** Secrets, whose values come in and never go out. */
export function secretEndpoints({ engine }: E2bContext): Endpoint[] {
  const { secrets } = engine;
  return [
    {
      method: "GET",
      path: "/secrets",
      async answer(call) {
        const { limit, nextToken: cursor } = readQuery(call, PageQuery, "this list's query");
        const page = secrets.list({
          limit,
          sortOrder: "desc",
          ...(cursor !== undefined && { cursor }),
        });
        return withNextToken(json(page.items.map(presentSecret)), page.next);
      },
    },
    {
      method: "POST",
      path: "/secrets",
      async answer(call) {
        const body = withoutUndefined(await readBody(call, NewSecret, "a secret"));
        return json(presentSecret(await secrets.create(body)), { status: 201 });
      },
    },
    {
      method: "GET",
      path: "/secrets/:id",
      answer: async ({ parameter }) => json(presentSecret(await secrets.get(parameter("id")))),
    },
    {
      method: "POST",
      path: "/secrets/:id",
      async answer(call) {
        const body = withoutUndefined(await readBody(call, SecretUpdate, "a secret"));
        return json(presentSecret(await secrets.update(call.parameter("id"), body)));
      },
    },
    {
      method: "DELETE",
      path: "/secrets/:id",
      async answer({ parameter }) {
        await secrets.delete(parameter("id"));
        return nothing();
      },
    },
  ];
}

function presentSecret(secret: Secret) {
  return {
    secretID: secret.id,
    name: secret.name,
    currentVersion: secret.version,
    metadata: secret.metadata,
    createdAt: toTime(secret.createdAt),
    updatedAt: toTime(secret.updatedAt),
  };
}
