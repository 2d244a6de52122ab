import { Fragment, memo, useMemo } from "react";
import { cn } from "../lib/cn.ts";
import { countOf } from "../lib/format.ts";
import { type AnsiLine, AnsiLines, type AnsiSpan } from "./ansi-lines.ts";

/** Output of a command, in its colours. */
export function AnsiText({ text, className }: { text: string; className?: string }) {
  const lines = useMemo(() => {
    const parsed = new AnsiLines();
    parsed.append(text);
    return parsed.lines;
  }, [text]);
  return (
    <pre className={className}>
      {lines.map((line, index) => (
        <Fragment key={index}>
          <AnsiLineView line={line} />
          {"\n"}
        </Fragment>
      ))}
    </pre>
  );
}

export interface AnsiLineViewProps {
  line: AnsiLine;
  /** Characters after which the rest is only counted. */
  longest?: number;
}

/** One line of output, in its colours; without its break. */
export const AnsiLineView = memo(function AnsiLineView({ line, longest }: AnsiLineViewProps) {
  const rest = longest === undefined ? 0 : line.text.length - longest;
  return (
    <>
      {(rest > 0 ? cutSpans(line.spans, longest) : line.spans).map((span, index) => (
        <span key={index} {...styleOf(span)}>
          {span.text}
        </span>
      ))}
      {rest > 0 && (
        <span className="text-muted-foreground select-none">
          {" … "}
          {countOf(rest, "more character")}
        </span>
      )}
    </>
  );
});

function cutSpans(spans: readonly AnsiSpan[], length = 0): AnsiSpan[] {
  const kept: AnsiSpan[] = [];
  let left = length;
  for (const span of spans) {
    if (left <= 0) break;
    kept.push({ ...span, text: span.text.slice(0, left) });
    left -= span.text.length;
  }
  return kept;
}

/** Class and style of a piece. */
function styleOf(span: AnsiSpan): { className?: string; style?: { color: string } } {
  const className = cn(
    span.className,
    span.bold && "font-bold",
    span.dim && "opacity-70",
    span.italic && "italic",
    span.underline && "underline",
  );
  return {
    ...(className ? { className } : {}),
    ...(span.color ? { style: { color: span.color } } : {}),
  };
}
