import { parentOf, type TreeRow } from "./file-tree-model.ts";

/** What a key does in a tree: it goes to another row, or it opens this one; `open` says which way, else the other. */
export type TreeMove = { focus: string | undefined } | { open?: boolean };

/** The keys of a tree, as ARIA's patterns have them; undefined for those that do nothing in it. */
export function moveFor(
  key: string,
  rows: readonly TreeRow[],
  index: number,
): TreeMove | undefined {
  const row = rows[index];
  if (!row) return undefined;
  const { node, expanded } = row;
  switch (key) {
    case "ArrowDown":
      return { focus: rows[index + 1]?.node.path };
    case "ArrowUp":
      return { focus: rows[index - 1]?.node.path };
    case "Home":
      return { focus: rows[0]?.node.path };
    case "End":
      return { focus: rows.at(-1)?.node.path };
    case "ArrowRight":
      if (!node.folder) return undefined;
      return expanded ? { focus: rows[index + 1]?.node.path } : { open: true };
    case "ArrowLeft":
      if (node.folder && expanded) return { open: false };
      return { focus: parentOf(node.path) || undefined };
    case "Enter":
    case " ":
      return {};
    default:
      return undefined;
  }
}
