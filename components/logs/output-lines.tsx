import { memo, useEffect, useRef } from "react";
import { cn } from "../lib/cn.ts";
import { scrollWithin } from "../lib/scroll-within.ts";
import type { AnsiLine } from "./ansi-lines.ts";
import { AnsiLineView } from "./ansi-text.tsx";
import type { Match } from "./search-lines.ts";

// The browser lays out only chunks that are in sight (`log-chunk`), so that long output stays quick.
const CHUNK = 100;

export interface OutputLinesProps {
  lines: readonly AnsiLine[];
  matches: readonly Match[];
  /** The one that is brought into sight. */
  current: Match | undefined;
}

/** A command's output, line by line, with what was searched for marked. */
export function OutputLines({ lines, matches, current }: OutputLinesProps) {
  const marked = new Set(matches.map(({ line }) => line));
  const chunks: (readonly AnsiLine[])[] = [];
  for (let start = 0; start < lines.length; start += CHUNK) {
    chunks.push(lines.slice(start, start + CHUNK));
  }
  return (
    <pre className="w-full py-2 text-xs leading-[18px] break-words whitespace-pre-wrap">
      {chunks.map((chunk, index) => (
        <Chunk
          key={index}
          lines={chunk}
          first={index * CHUNK}
          marks={marksOf(marked, index * CHUNK)}
          current={current && Math.floor(current.line / CHUNK) === index ? current.line : undefined}
        />
      ))}
    </pre>
  );
}

interface ChunkProps {
  lines: readonly AnsiLine[];
  first: number;
  /** Marked lines, joined: equal texts are equal marks. */
  marks: string;
  current: number | undefined;
}

const Chunk = memo(
  function Chunk({ lines, first, marks, current }: ChunkProps) {
    const marked = new Set(marks.split(" ").map(Number));
    return (
      <div className="log-chunk">
        {lines.map((line, index) => (
          <Line
            key={index}
            line={line}
            marked={marks !== "" && marked.has(first + index)}
            current={current === first + index}
          />
        ))}
      </div>
    );
  },
  (before, after) =>
    before.marks === after.marks &&
    before.current === after.current &&
    before.lines.length === after.lines.length &&
    // Only the last line of a chunk can still grow.
    before.lines.at(-1)?.text === after.lines.at(-1)?.text &&
    before.lines[0] === after.lines[0],
);

function Line({ line, marked, current }: { line: AnsiLine; marked: boolean; current: boolean }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current && element.current) scrollWithin(element.current, "center");
  }, [current]);
  return (
    <div
      ref={element}
      className={cn(
        "min-h-[18px] px-3",
        marked && "bg-warning-soft",
        current && "bg-warning/30 outline outline-warning",
      )}
    >
      <AnsiLineView line={line} />
      {"\n"}
    </div>
  );
}

function marksOf(marked: ReadonlySet<number>, first: number): string {
  const marks: number[] = [];
  for (let line = first; line < first + CHUNK; line++) if (marked.has(line)) marks.push(line);
  return marks.join(" ");
}
