import { memo, type RefCallback, useCallback, useEffect, useRef, useState } from "react";
import { cn } from "../lib/cn.ts";
import { scrollWithin } from "../lib/scroll-within.ts";
import type { AnsiLine } from "./ansi-lines.ts";
import { AnsiLineView } from "./ansi-text.tsx";
import type { Match } from "./search-lines.ts";

/** Lines that come and go together: only those in sight are there, so that the longest output stays quick. */
const CHUNK = 100;
const LINE_PX = 18;
// A file without line breaks is one line of millions: a browser needs seconds to lay that out.
const LONGEST_LINE = 10_000;
// So far beyond the edges lines are there, too: who scrolls sees no gaps.
const NEAR = "800px 0px";

export interface OutputLinesProps {
  lines: readonly AnsiLine[];
  /** How many lines there were before them. */
  dropped: number;
  matches: readonly Match[];
  /** The one that is brought into sight. */
  current: Match | undefined;
}

/** A command's output, line by line, with what was searched for marked. */
export function OutputLines({ lines, dropped, matches, current }: OutputLinesProps) {
  const marks = marksByChunk(matches);
  const chunks: (readonly AnsiLine[])[] = [];
  for (let start = 0; start < lines.length; start += CHUNK) {
    chunks.push(lines.slice(start, start + CHUNK));
  }
  return (
    <pre className="w-full py-2 text-xs leading-[18px] break-words whitespace-pre-wrap">
      {chunks.map((chunk, index) => (
        <Chunk
          // The same lines keep their key when the oldest are dropped.
          key={dropped + index * CHUNK}
          lines={chunk}
          first={index * CHUNK}
          last={index === chunks.length - 1}
          marks={marks.get(index) ?? ""}
          current={chunkOf(current) === index ? current?.line : undefined}
        />
      ))}
    </pre>
  );
}

interface ChunkProps {
  lines: readonly AnsiLine[];
  /** The number of its first line, from 0. */
  first: number;
  /** Whether it is the end, where new lines come. */
  last: boolean;
  /** Marked lines, joined: equal texts are equal marks. */
  marks: string;
  current: number | undefined;
}

const Chunk = memo(
  function Chunk({ lines, first, last, marks, current }: ChunkProps) {
    const { ref, near, height } = useNear();
    const marked = new Set(marks.split(" ").map(Number));
    const isThere = near || last || current !== undefined;
    return (
      <div ref={ref} style={isThere ? undefined : { height: height ?? lines.length * LINE_PX }}>
        {isThere &&
          lines.map((line, index) => (
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
    before.first === after.first &&
    before.last === after.last &&
    before.marks === after.marks &&
    before.current === after.current &&
    before.lines.length === after.lines.length &&
    // Only the last line of a chunk can still grow.
    before.lines.at(-1)?.text === after.lines.at(-1)?.text &&
    before.lines[0] === after.lines[0],
);

/** Whether the element is in sight or nearly, and how high it was when it last was. */
function useNear(): {
  ref: RefCallback<HTMLElement>;
  near: boolean;
  height: number | undefined;
} {
  const [{ near, height }, setState] = useState<{ near: boolean; height: number | undefined }>({
    near: false,
    height: undefined,
  });
  const ref = useCallback<RefCallback<HTMLElement>>((node) => {
    if (!node) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        const { isIntersecting, boundingClientRect } = entry;
        setState((before) => ({
          near: isIntersecting,
          height: before.near ? boundingClientRect.height : before.height,
        }));
      },
      // The element that scrolls is the nearest region: margins count from its edges.
      { root: node.closest('[role="region"]'), rootMargin: NEAR },
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  return { ref, near, height };
}

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
      <AnsiLineView line={line} longest={LONGEST_LINE} />
      {"\n"}
    </div>
  );
}

function chunkOf(match: Match | undefined): number | undefined {
  return match && Math.floor(match.line / CHUNK);
}

function marksByChunk(matches: readonly Match[]): Map<number, string> {
  const marks = new Map<number, string>();
  for (const { line } of matches) {
    const chunk = Math.floor(line / CHUNK);
    const before = marks.get(chunk);
    marks.set(chunk, before === undefined ? String(line) : `${before} ${line}`);
  }
  return marks;
}
