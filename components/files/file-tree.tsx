import { type KeyboardEvent, useRef, useState } from "react";
import { ChevronRight, File, Folder, FolderOpen } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { type TreeNode, type TreeRow, parentOf, visibleRows } from "./file-tree-model.ts";

export interface FileTreeProps {
  tree: readonly TreeNode[];
  open: ReadonlySet<string>;
  selected: string | undefined;
  /** Paths that the last turn changed. */
  changed: ReadonlySet<string>;
  onToggle: (node: TreeNode, open: boolean) => void;
  onOpen: (path: string) => void;
}

/** The files as a tree, to be walked with the arrow keys. */
export function FileTree({ tree, open, selected, changed, onToggle, onOpen }: FileTreeProps) {
  const rows = visibleRows(tree, open);
  const [active, setActive] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const activePath = rows.some(({ node }) => node.path === active)
    ? active
    : (rows.find(({ node }) => node.path === selected) ?? rows[0])?.node.path;

  const [lastSelected, setLastSelected] = useState(selected);
  if (selected !== lastSelected) {
    setLastSelected(selected);
    setActive(selected);
  }

  function focus(path: string | undefined): void {
    if (path === undefined) return;
    setActive(path);
    list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const index = rows.findIndex(({ node }) => node.path === activePath);
    const row = rows[index];
    if (!row) return;
    const move = moveFor(event.key, { rows, index, row });
    if (move === undefined) return;
    event.preventDefault();
    if ("focus" in move) focus(move.focus);
    else if (row.node.folder) onToggle(row.node, move.open ?? !row.expanded);
    else onOpen(row.node.path);
  }

  return (
    <div ref={list} role="tree" aria-label="Files" onKeyDown={onKeyDown} className="py-1">
      {rows.map(({ node, depth, expanded }) => (
        <div
          key={node.path}
          role="treeitem"
          data-path={node.path}
          aria-level={depth + 1}
          aria-selected={node.path === selected}
          {...(node.folder ? { "aria-expanded": expanded } : {})}
          tabIndex={node.path === activePath ? 0 : -1}
          onClick={() => {
            setActive(node.path);
            if (node.folder) onToggle(node, !expanded);
            else onOpen(node.path);
          }}
          className={cn(
            "flex h-6 cursor-pointer items-center gap-1.5 rounded-sm pr-2 text-xs select-none hover:bg-accent focus-visible:-outline-offset-2",
            node.path === selected && "bg-primary-soft font-medium hover:bg-primary-soft",
          )}
          style={{ paddingLeft: 8 + depth * 12 }}
        >
          <ChevronRight
            aria-hidden
            className={cn(
              "size-3 shrink-0 text-muted-foreground transition-transform",
              expanded && "rotate-90",
              !node.folder && "invisible",
            )}
          />
          <RowIcon folder={node.folder} expanded={expanded} />
          <span className="min-w-0 flex-1 truncate">{node.name}</span>
          {changed.has(node.path) && (
            <>
              <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-primary" />
              <span className="sr-only">changed by the last turn</span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}

function RowIcon({ folder, expanded }: { folder: boolean; expanded: boolean }) {
  const Icon = folder ? (expanded ? FolderOpen : Folder) : File;
  return <Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />;
}

type Move = { focus: string | undefined } | { open?: boolean };

// The keys of a tree, as ARIA's patterns have them.
function moveFor(
  key: string,
  { rows, index, row }: { rows: readonly TreeRow[]; index: number; row: TreeRow },
): Move | undefined {
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
