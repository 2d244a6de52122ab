import { once } from "node:events";
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { tableLines, type Column } from "./table.ts";
import type { TextStyle } from "./text-style.ts";

/** A standard stream: a terminal, a pipe or a file. */
export type OutputStream = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "columns">>;

/** Where a command's words go: results to stdout, remarks to stderr. */
export interface Console {
  /** Whether a person looks at the results. */
  readonly isTerminal: boolean;
  /** How many characters a line of the result may have; undefined when nobody sees where it breaks. */
  readonly columns: number | undefined;
  /** One line of the result. */
  line(text?: string): void;
  /** One line beside the result: progress, hints, warnings. */
  note(text: string): void;
  table<Row>(rows: Row[], columns: Column<Row>[]): void;
  json(value: unknown): void;
  /** Raw output; resolves when the reader can take more. `note` is for stderr. */
  write(text: string, to?: "result" | "note"): Promise<void>;
  /** Colours the text if the stream is a terminal and NO_COLOR is not set. */
  paint(style: TextStyle, text: string, to?: "result" | "note"): string;
}

export function openConsole(streams: { stdout: OutputStream; stderr: OutputStream }): Console {
  const { stdout, stderr } = streams;
  const stream = (to: "result" | "note" = "result") => (to === "result" ? stdout : stderr);
  // `styleText` itself looks at the stream and at NO_COLOR, FORCE_COLOR and NODE_DISABLE_COLORS.
  const paint: Console["paint"] = (style, text, to) =>
    styleText(style, text, { stream: stream(to) as NodeJS.WritableStream });
  return {
    isTerminal: stdout.isTTY === true,
    columns: stdout.isTTY ? stdout.columns : undefined,
    line: (text = "") => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    table(rows, columns) {
      const width = stdout.isTTY ? stdout.columns : undefined;
      const lines = tableLines(rows, columns, { paint, ...(width === undefined ? {} : { width }) });
      stdout.write(`${lines.join("\n")}\n`);
    },
    json: (value) => void stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    async write(text, to) {
      if (!stream(to).write(text)) await once(stream(to), "drain");
    },
    paint,
  };
}
