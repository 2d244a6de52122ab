import { useDeferredValue, useMemo, useState } from "react";
import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { IconButton } from "../ui/icon-button.tsx";
import type { AnsiLine } from "./ansi-lines.ts";
import { type Match, searchLines } from "./search-lines.ts";

export interface OutputSearch {
  /** What is looked for. */
  text: string;
  setText: (text: string) => void;
  matches: readonly Match[];
  /** The number of the match that is shown, from 0. */
  index: number;
  current: Match | undefined;
  step: (by: 1 | -1) => void;
}

/** Looks for a text in lines that may grow. */
export function useOutputSearch(lines: readonly AnsiLine[]): OutputSearch {
  const [text, setText] = useState("");
  const [steps, setSteps] = useState(0);
  // Typing goes on while long output is still searched.
  const wanted = useDeferredValue(text);
  const matches = useMemo(() => searchLines(lines, wanted), [lines, wanted]);
  const index = matches.length === 0 ? 0 : steps % matches.length;
  return {
    text,
    setText(next) {
      setText(next);
      setSteps(0);
    },
    matches,
    index,
    current: matches[index],
    step: (by) => setSteps((index + by + matches.length) % Math.max(1, matches.length)),
  };
}

/** The field for it; Enter goes to the next place, with Shift to the one before. */
export function OutputSearchField({ search }: { search: OutputSearch }) {
  const { text, setText, matches, index, step } = search;
  return (
    <>
      <search className="flex h-6 w-40 min-w-24 shrink grow items-center rounded-md bg-muted pr-1 pl-2 focus-within:ring-2 focus-within:ring-ring @lg:grow-0">
        <Search aria-hidden className="size-3 shrink-0 text-muted-foreground" />
        <input
          type="text"
          aria-label="Search the output"
          placeholder="Search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
            if (event.key === "Escape") setText("");
          }}
          className="h-full w-full min-w-0 bg-transparent px-1.5 text-xs outline-none placeholder:text-muted-foreground"
        />
        {text !== "" && (
          <span role="status" className="shrink-0 text-2xs text-muted-foreground tabular-nums">
            {matches.length === 0 ? "none" : `${index + 1}/${matches.length}`}
          </span>
        )}
      </search>
      {matches.length > 1 && (
        <span className="flex">
          <IconButton label="Previous match" className="size-6" onClick={() => step(-1)}>
            <ChevronUp />
          </IconButton>
          <IconButton label="Next match" className="size-6" onClick={() => step(1)}>
            <ChevronDown />
          </IconButton>
        </span>
      )}
    </>
  );
}
