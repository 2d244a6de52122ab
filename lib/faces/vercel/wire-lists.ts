import * as z from "zod";
import { DEFAULTS } from "../../contract/defaults.ts";
import { LIMITS } from "../../contract/limits.ts";
import { type Page, SortOrder } from "../../contract/page.ts";

/** A whole number in a query. */
export function wholeNumber({ minimum, maximum }: { minimum: number; maximum: number }) {
  return z
    .string()
    .regex(/^-?\d{1,16}$/, { message: "expected a whole number" })
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));
}

/** A truth value in a query. */
export const Flag = z.enum(["true", "false"]).transform((text) => text === "true");

const page = {
  limit: wholeNumber({ minimum: 1, maximum: LIMITS.pageSize }).default(DEFAULTS.pageSize),
  cursor: z.string().min(1).optional(),
  sortOrder: SortOrder.default("desc"),
};

const Tag = z
  .string()
  .regex(/^[^:]+:/, { message: "expected one tag as key:value" })
  .transform((text) => {
    const colon = text.indexOf(":");
    return { [text.slice(0, colon)]: text.slice(colon + 1) };
  });

function prefixNeedsName<
  Query extends { sortBy?: string | undefined; namePrefix?: string | undefined },
>({ sortBy, namePrefix }: Query): boolean {
  return namePrefix === undefined || sortBy === "name";
}

const PREFIX_RULE = { path: ["namePrefix"], message: "goes only with sortBy=name" };

export const SandboxesQuery = z
  .strictObject({
    ...page,
    sortBy: z.enum(["createdAt", "name", "statusUpdatedAt", "currentSnapshotId"]).optional(),
    namePrefix: z.string().min(1).optional(),
    tags: Tag.optional(),
    status: z.enum(["running", "stopping", "stopped"]).optional(),
  })
  .refine(prefixNeedsName, PREFIX_RULE)
  .refine(({ sortBy, status }) => status === undefined || (sortBy ?? "createdAt") === "createdAt", {
    path: ["status"],
    message: "goes only with sortBy=createdAt",
  });

/** Sessions and snapshots: of all sandboxes, or of one. */
export const OfSandboxQuery = z.strictObject({ ...page, name: z.string().min(1).optional() });

/** Without a limit all commands are listed, as the vendor does. */
export const CommandsQuery = z.strictObject({
  ...page,
  limit: wholeNumber({ minimum: 1, maximum: LIMITS.pageSize }).optional(),
});

export const DrivesQuery = z
  .strictObject({
    ...page,
    sortBy: z.enum(["createdAt", "updatedAt", "name"]).optional(),
    namePrefix: z.string().min(1).optional(),
  })
  .refine(prefixNeedsName, PREFIX_RULE);

export const TreeQuery = z.strictObject({
  snapshotId: z.string().min(1),
  limit: wholeNumber({ minimum: 1, maximum: LIMITS.treePageSize }).default(LIMITS.treePageSize),
  sortOrder: SortOrder.default("desc"),
});

/** Of `GET …/usage`. */
export const UsageQuery = z.strictObject({ disk: Flag.default(false) });

export const NoQuery = z.strictObject({});

export function pagination({ items, next }: Page<unknown>): { count: number; next: string | null } {
  return { count: items.length, next: next ?? null };
}
