import type { SortOrder } from "../contract/page.ts";
import type { Snapshot, SnapshotTreeNode } from "../contract/snapshot.ts";
import type { Table } from "./ports.ts";

export interface TreeRequest {
  anchorId: string;
  limit: number;
  sortOrder: SortOrder;
}

// What a reader is shown of a crowd; the count tells the rest.
const SIBLINGS_SHOWN = 10;

/**
 * One page of the line through a snapshot, without the snapshot itself: `desc`
 * goes from parent to parent, `asc` to the newest child of the newest child.
 * `next` is the anchor of the page that follows.
 */
export function snapshotTree(
  table: Table<Snapshot>,
  anchor: Snapshot,
  { limit, sortOrder }: TreeRequest,
): { anchor: SnapshotTreeNode; nodes: SnapshotTreeNode[]; next?: string } {
  const step = sortOrder === "desc" ? parentOf : newestChildOf;
  const nodes: SnapshotTreeNode[] = [];
  let last = anchor;
  while (nodes.length < limit) {
    const following = step(table, last);
    if (!following) break;
    nodes.push(describe(table, following));
    last = following;
  }
  const more = nodes.length === limit && step(table, last) !== undefined;
  return { anchor: describe(table, anchor), nodes, ...(more && { next: last.id }) };
}

function parentOf(table: Table<Snapshot>, snapshot: Snapshot): Snapshot | undefined {
  return snapshot.parentId === undefined ? undefined : table.get(snapshot.parentId);
}

function newestChildOf(table: Table<Snapshot>, snapshot: Snapshot): Snapshot | undefined {
  return table.all({ equals: { parentId: snapshot.id } }).at(-1);
}

function describe(table: Table<Snapshot>, snapshot: Snapshot): SnapshotTreeNode {
  const siblings =
    snapshot.parentId === undefined
      ? []
      : table
          .all({ equals: { parentId: snapshot.parentId } })
          .filter((sibling) => sibling.id !== snapshot.id)
          .reverse();
  return {
    snapshot,
    siblings: siblings.slice(0, SIBLINGS_SHOWN),
    siblingCount: siblings.length,
  };
}
