import { useCallback, useState } from "react";
import { parentsOf, type TreeNode } from "./file-tree-model.ts";

// A folder with more in it would push all others out of sight.
const OPEN_AT_FIRST = 30;

/** Which folders of a tree are open: at first those that were read, and those above the open file; then as the user wants it. */
export function useFolders(openPath: string | undefined): {
  /** Folders that were not in the first answer and that the user opened: they are asked for by themselves. */
  unread: readonly string[];
  openIn: (tree: readonly TreeNode[]) => ReadonlySet<string>;
  toggle: (node: TreeNode, open: boolean) => void;
} {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [unread, setUnread] = useState<readonly string[]>([]);
  const toggle = useCallback((node: TreeNode, open: boolean) => {
    setToggled((before) => new Map(before).set(node.path, open));
    if (node.unread) setUnread((before) => [...before, node.path]);
  }, []);
  const openIn = useCallback(
    (tree: readonly TreeNode[]) => {
      const folders = new Set(openPath === undefined ? [] : parentsOf(openPath));
      for (const node of tree) {
        if (node.folder && !node.unread && node.children.length <= OPEN_AT_FIRST) {
          folders.add(node.path);
        }
      }
      for (const [path, isOpen] of toggled) {
        if (isOpen) folders.add(path);
        else folders.delete(path);
      }
      return folders;
    },
    [openPath, toggled],
  );
  return { unread, openIn, toggle };
}
