import { DEFAULTS } from "../contract/defaults.ts";

/** The list's form in 0.x and 1.x, beside the new one. */
export interface OldSandboxList {
  json: {
    sandboxes: { id: string; name: string; status: string; createdAt: number }[];
    pagination: { count: number; next: number | null; prev: number | null };
  };
}

/** How 0.x and 1.x asked for a part of the list. */
export interface TimeRange {
  since?: number | Date;
  until?: number | Date;
}

interface Listed {
  name: string;
  status: string;
  createdAt: number;
}

interface NewList extends AsyncIterable<Listed> {
  sandboxes: Listed[];
  pagination: { next: string | null };
}

/**
 * The list with its old form as `json`: ids are names, and the next page is the time before which its
 * sandboxes were made, as `until` takes it. It does not show when the list is printed or copied.
 */
export async function withOldForm<List extends NewList>(
  list: List,
  { since, until, limit = DEFAULTS.pageSize }: TimeRange & { limit?: number | undefined },
): Promise<List & OldSandboxList> {
  const whole = since === undefined && until === undefined;
  const { found, more } = whole
    ? { found: list.sandboxes, more: list.pagination.next !== null }
    : await within(list, { from: Number(since ?? 0), before: Number(until ?? Infinity), limit });
  const sandboxes = found.map((sandbox) => ({ ...sandbox, id: sandbox.name }));
  const next = more ? (sandboxes.at(-1)?.createdAt ?? null) : null;
  const json = { sandboxes, pagination: { count: sandboxes.length, next, prev: null } };
  return Object.defineProperty(list, "json", { value: json }) as List & OldSandboxList;
}

/** The list is newest first, as it was then. */
async function within(
  list: AsyncIterable<Listed>,
  { from, before, limit }: { from: number; before: number; limit: number },
): Promise<{ found: Listed[]; more: boolean }> {
  const found: Listed[] = [];
  for await (const sandbox of list) {
    if (sandbox.createdAt >= before) continue;
    if (sandbox.createdAt < from) break;
    if (found.length === limit) return { found, more: true };
    found.push(sandbox);
  }
  return { found, more: false };
}
