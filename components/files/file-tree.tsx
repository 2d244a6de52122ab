import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ChevronRight, File, Folder, FolderOpen } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { useVisibleRows } from "../lib/use-visible-rows.ts";
import { StatusDot } from "../ui/status-dot.tsx";
import { type TreeNode, type TreeRow, visibleRows } from "./file-tree-model.ts";
import { moveFor } from "./tree-keys.ts";

const ROW_PX = 24;

export interface FileTreeProps {
  tree: readonly TreeNode[];
  open: ReadonlySet<string>;
  selected: string | undefined;
  /** Paths that the last turn changed. */
  changed: ReadonlySet<string>;
  onToggle: (node: TreeNode, open: boolean) => void;
  onOpen: (path: string) => void;
}

/** The files as a tree that scrolls, to be walked with the arrow keys. Only the rows in sight are there, and the one with the focus. */
export function FileTree({ tree, open, selected, changed, onToggle, onOpen }: FileTreeProps) {
  const rows = useMemo(() => visibleRows(tree, open), [tree, open]);
  const list = useRef<HTMLDivElement>(null);
  const { ref, from, to } = useVisibleRows(ROW_PX);
  const [active, setActive] = useState<string>();
  const [lastSelected, setLastSelected] = useState(selected);
  if (selected !== lastSelected) {
    setLastSelected(selected);
    setActive(selected);
  }
  const place = (path: string | undefined) => rows.findIndex(({ node }) => node.path === path);
  const activeIndex = [place(active), place(selected), 0].find((index) => index >= 0) ?? 0;

  function focus(path: string | undefined): void {
    if (path === undefined) return;
    // It must be there before it can have the focus; the browser then brings it into sight.
    flushSync(() => setActive(path));
    list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
  }

  function choose({ node, expanded }: TreeRow, wanted = !expanded): void {
    setActive(node.path);
    if (node.folder) onToggle(node, wanted);
    else onOpen(node.path);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[activeIndex];
    const move = moveFor(event.key, rows, activeIndex);
    if (!row || move === undefined) return;
    event.preventDefault();
    if ("focus" in move) focus(move.focus);
    else choose(row, move.open);
  }

  return (
    <div ref={ref} className="min-h-0 flex-1 overflow-y-auto p-1">
      <div
        ref={list}
        role="tree"
        aria-label="Files"
        onKeyDown={onKeyDown}
        className="relative"
        style={{ height: rows.length * ROW_PX }}
      >
        {rows.map((row, index) => {
          const isActive = index === activeIndex;
          if (!isActive && (index < from || index >= to)) return null;
          return (
            <Row
              key={row.node.path}
              row={row}
              top={index * ROW_PX}
              active={isActive}
              selected={row.node.path === selected}
              changed={changed.has(row.node.path)}
              onClick={() => choose(row)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  row: TreeRow;
  top: number;
  /** Whether the Tab key comes here. */
  active: boolean;
  selected: boolean;
  changed: boolean;
  onClick: () => void;
}

function Row({ row, top, active, selected, changed, onClick }: RowProps) {
  const { node, depth, expanded, position, siblings } = row;
  const Icon = node.folder ? (expanded ? FolderOpen : Folder) : File;
  return (
    <div
      role="treeitem"
      data-path={node.path}
      aria-level={depth + 1}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={selected}
      {...(node.folder ? { "aria-expanded": expanded } : {})}
      tabIndex={active ? 0 : -1}
      title={node.name}
      onClick={onClick}
      className={cn(
        "absolute inset-x-0 flex h-6 cursor-pointer items-center gap-1.5 rounded-sm pr-2 text-xs select-none hover:bg-accent focus-visible:-outline-offset-2",
        selected && "bg-primary-soft font-medium hover:bg-primary-soft",
      )}
      style={{ top, paddingLeft: 8 + depth * 12 }}
    >
      <ChevronRight
        aria-hidden
        className={cn(
          "size-3 shrink-0 text-muted-foreground transition-transform",
          expanded && "rotate-90",
          !node.folder && "invisible",
        )}
      />
      <Icon aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <span className="min-w-0 flex-1 truncate">{node.name}</span>
      {changed && <StatusDot tone="news" words="changed by the last turn" />}
    </div>
  );
}
