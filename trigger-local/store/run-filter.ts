/** What `list` looks for; an absent field fits every run. */
export interface RunFilter {
  ids?: readonly string[];
  /** All of these. */
  tags?: readonly string[];
  statuses?: ReadonlySet<string>;
  tasks?: readonly string[];
  batchId?: string;
  createdAfter?: number;
  createdBefore?: number;
}

/** The filter as conditions of SQL that all must hold, with the values for their places. */
export function condition(filter: RunFilter): { where: string[]; values: (string | number)[] } {
  const where = ["TRUE"];
  const values: (string | number)[] = [];
  const among = (column: string, wanted: Iterable<string> | undefined) => {
    if (!wanted) return;
    const list = [...wanted];
    where.push(`${column} IN (${list.map(() => "?").join(", ") || "NULL"})`);
    values.push(...list);
  };
  among("id", filter.ids);
  among("status", filter.statuses);
  among("task", filter.tasks);
  among("batch_id", filter.batchId === undefined ? undefined : [filter.batchId]);
  for (const tag of filter.tags ?? []) {
    where.push("id IN (SELECT run_id FROM run_tags WHERE tag = ?)");
    values.push(tag);
  }
  if (filter.createdAfter !== undefined) {
    where.push("created_at >= ?");
    values.push(filter.createdAfter);
  }
  if (filter.createdBefore !== undefined) {
    where.push("created_at <= ?");
    values.push(filter.createdBefore);
  }
  return { where, values };
}
