/** The list's form in 0.x and 1.x, beside the new one. */
export interface OldSandboxList {
  json: {
    sandboxes: { id: string; name: string; status: string; createdAt: number }[];
    pagination: { count: number; next: number | null; prev: number | null };
  };
}

interface NewList {
  sandboxes: { name: string; status: string; createdAt: number }[];
  pagination: { next: string | null };
}

/**
 * The list with its old form as `json`: ids are names, and the next page is the time before which its
 * sandboxes were made, as `until` takes it. It does not show when the list is printed or copied.
 */
export function withOldForm<List extends NewList>(
  list: List,
  { since, until }: { since?: number | Date | undefined; until?: number | Date | undefined },
): List & OldSandboxList {
  const from = since === undefined ? -Infinity : Number(since);
  const before = until === undefined ? Infinity : Number(until);
  const sandboxes = list.sandboxes
    .filter(({ createdAt }) => createdAt >= from && createdAt < before)
    .map((sandbox) => ({ ...sandbox, id: sandbox.name }));
  const next = list.pagination.next === null ? null : (sandboxes.at(-1)?.createdAt ?? null);
  const json = { sandboxes, pagination: { count: sandboxes.length, next, prev: null } };
  return Object.defineProperty(list, "json", { value: json, enumerable: false }) as List & OldSandboxList;
}
