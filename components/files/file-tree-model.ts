import type { FileEntry } from "@/studio/contract/files.ts";

// Made once: thousands of names are compared with it.
const NAMES = new Intl.Collator("en", { numeric: true });

/** A file or folder with what is in it. */
export interface TreeNode {
  path: string;
  name: string;
  folder: boolean;
  /** Of a folder whose content has not been asked for. */
  unread: boolean;
  children: TreeNode[];
}

/** A line of the tree as it is seen. */
export interface TreeRow {
  node: TreeNode;
  /** From 0. */
  depth: number;
  expanded: boolean;
  /** Its place among what is in the same folder, from 1, and how much that is. */
  position: number;
  siblings: number;
}

/** Builds the tree of a list of entries; folders that are only named by what is in them are made up. */
export function buildTree(entries: readonly FileEntry[]): TreeNode[] {
  const root: TreeNode = { path: "", name: "", folder: true, unread: false, children: [] };
  const folders = new Map<string, TreeNode>([["", root]]);

  function folderAt(path: string): TreeNode {
    const known = folders.get(path);
    if (known) return known;
    return put({ path, name: nameOf(path), folder: true, unread: false, children: [] });
  }

  function put(node: TreeNode): TreeNode {
    if (node.folder) folders.set(node.path, node);
    folderAt(parentOf(node.path)).children.push(node);
    return node;
  }

  for (const { path, type, unread } of entries) {
    const folder = type === "directory";
    const known = folders.get(path);
    if (known) known.unread = unread === true;
    else put({ path, name: nameOf(path), folder, unread: unread === true, children: [] });
  }
  for (const { children } of folders.values()) children.sort(inOrder);
  return root.children;
}

/** The lines that are seen: those in folders that are open. */
export function visibleRows(nodes: readonly TreeNode[], open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (level: readonly TreeNode[], depth: number) => {
    for (const [index, node] of level.entries()) {
      const expanded = node.folder && open.has(node.path);
      rows.push({ node, depth, expanded, position: index + 1, siblings: level.length });
      if (expanded) walk(node.children, depth + 1);
    }
  };
  walk(nodes, 0);
  return rows;
}

/** All folders that must be open for the path to be seen. */
export function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) parents.push(parent);
  return parents;
}

/** The last part of a path. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder of a path; empty at the top. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "" : path.slice(0, end);
}

function inOrder(a: TreeNode, b: TreeNode): number {
  if (a.folder !== b.folder) return a.folder ? -1 : 1;
  return NAMES.compare(a.name, b.name);
}
