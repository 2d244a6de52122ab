import { useState } from "react";
import { countOf } from "../lib/format.ts";
import { useProject } from "../project/project-store.ts";
import type { ToolPart } from "./tool-part.ts";

// So many are seen without a click: a small app, whole.
const SHOWN = 8;

export interface ToolFilesProps {
  part: Extract<ToolPart, { type: "tool-generateFiles" }>;
  growing: boolean;
}

/** The files that a call writes, as they come; each opens in the editor once it is there. */
export function ToolFiles({ part, growing }: ToolFilesProps) {
  const openFile = useProject((state) => state.openFile);
  const [all, setAll] = useState(false);
  const files = filesOf(part);
  if (files.length === 0) return null;
  const shown = all ? files : files.slice(0, SHOWN);
  const written = part.state === "output-available";
  return (
    <ul className="border-t py-1" aria-label="Files">
      {shown.map(({ path, lines, created }, index) => {
        const arriving = growing && part.state === "input-streaming" && index === files.length - 1;
        return (
          <li key={`${index}-${path}`}>
            <button
              type="button"
              disabled={!written}
              onClick={() => openFile(path)}
              className="flex h-6 w-full items-center gap-2 px-2.5 pl-8 text-left text-xs transition-colors enabled:hover:bg-accent"
            >
              <code className="min-w-0 flex-1 truncate">{path}</code>
              {written && !created && <span className="text-muted-foreground">replaced</span>}
              <span className="shrink-0 text-muted-foreground tabular-nums">
                {arriving ? `${countOf(lines, "line")} …` : countOf(lines, "line")}
              </span>
            </button>
          </li>
        );
      })}
      {files.length > shown.length && (
        <li>
          <button
            type="button"
            onClick={() => setAll(true)}
            className="h-6 px-2.5 pl-8 text-xs text-muted-foreground hover:text-foreground"
          >
            Show {files.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}

function filesOf(
  part: ToolFilesProps["part"],
): readonly { path: string; lines: number; created: boolean }[] {
  if (part.state === "output-available") return part.output.files;
  // Of input that is still arriving, any piece may be missing.
  const files = part.input?.files ?? [];
  return files.flatMap((file) =>
    file?.path ? [{ path: file.path, lines: linesOf(file.content ?? ""), created: true }] : [],
  );
}

function linesOf(text: string): number {
  if (text === "") return 0;
  const breaks = text.split("\n").length;
  return text.endsWith("\n") ? breaks - 1 : breaks;
}
