import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import { CreateSecretRequest, type Secret, UpdateSecretRequest } from "../../contract/secret.ts";
import { everyItem } from "../../engine/every-item.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import type { Endpoint } from "../../engine/face-request.ts";
import { type DaytonaContext, done, json } from "./answers.ts";
import { toTime } from "./present-sandbox.ts";
import { PageSize, readJson, readQuery } from "./read-request.ts";

const { name, value } = CreateSecretRequest.shape;
const { description, hosts } = UpdateSecretRequest.shape;
const CreateBody = z.object({ name, value, description, hosts });
const UpdateBody = z.object({ value: value.optional(), description, hosts });
const ListQuery = z.object({
  cursor: z.string().min(1).optional(),
  limit: PageSize,
  name: z.string().optional(),
  sort: z.enum(["name", "createdAt", "updatedAt"]).default("createdAt"),
  order: z.enum(["asc", "desc"]).default("desc"),
});

/** `/secret`. No answer ever holds a value. */
export function secretEndpoints({ engine: { secrets } }: DaytonaContext): Endpoint[] {
  return [
    {
      method: "POST",
      path: "/secret",
      async answer({ request }) {
        const body = await readJson(request, CreateBody, "a new secret");
        const hosts = toHosts(body.hosts ?? []);
        const secret = await secrets.create(withoutUndefined({ ...body, hosts }));
        return json(presentSecret(secret), { status: 201 });
      },
    },
    {
      method: "GET",
      path: "/secret/paginated",
      async answer({ url }) {
        const query = readQuery(url, ListQuery, "this list's query");
        const { items, next } = secrets.list(
          withoutUndefined({
            cursor: query.cursor,
            limit: Math.min(query.limit, LIMITS.pageSize),
            sortBy: query.sort,
            sortOrder: query.order,
            namePrefix: query.name,
          }),
        );
        const total = countSecrets(secrets, query.name);
        return json({ items: items.map(presentSecret), total, nextCursor: next ?? null });
      },
    },
    {
      method: "GET",
      path: "/secret/:id",
      answer: async ({ parameter }) => json(presentSecret(await secrets.get(parameter("id")))),
    },
    {
      method: "PATCH",
      path: "/secret/:id",
      async answer({ request, parameter }) {
        const body = await readJson(request, UpdateBody, "a secret's changes");
        const changes = withoutUndefined({ ...body, hosts: body.hosts && toHosts(body.hosts) });
        return json(presentSecret(await secrets.update(parameter("id"), changes)));
      },
    },
    {
      method: "DELETE",
      path: "/secret/:id",
      async answer({ parameter }) {
        await secrets.delete(parameter("id"));
        return done(204);
      },
    },
  ];
}

function countSecrets(secrets: DaytonaContext["engine"]["secrets"], namePrefix?: string): number {
  const named = namePrefix === undefined ? {} : { namePrefix };
  return [...everyItem((part) => secrets.list({ ...part, ...named, sortOrder: "desc" }))].length;
}

/** For this vendor a secret without hosts may go to any; for the engine, to none. */
const ANYWHERE = "*";

function toHosts(given: string[]): string[] {
  return given.length === 0 ? [ANYWHERE] : given;
}

function presentSecret(secret: Secret) {
  return withoutUndefined({
    id: secret.id,
    name: secret.name,
    description: secret.description,
    hosts: secret.hosts?.includes(ANYWHERE) ? [] : (secret.hosts ?? []),
    placeholder: secret.placeholder,
    createdAt: toTime(secret.createdAt),
    updatedAt: toTime(secret.updatedAt),
  });
}
