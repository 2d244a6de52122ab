import { Fragment, memo, useMemo } from "react";
import { cn } from "../lib/cn.ts";
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

/** One line of output, in its colours; without its break. */
export const AnsiLineView = memo(function AnsiLineView({ line }: { line: AnsiLine }) {
  return line.spans.map((span, index) => (
    <span key={index} {...styleOf(span)}>
      {span.text}
    </span>
  ));
});

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
