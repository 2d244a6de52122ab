import { charactersOf } from "./characters.ts";
import type { TextStyle } from "./text-style.ts";

export interface Column<Row> {
  title: string;
  value: (row: Row) => string;
  /** Numbers stand at the right. */
  align?: "left" | "right";
  /** May be cut when the terminal is too narrow; at most one column of a table. */
  flexible?: boolean;
  style?: (row: Row) => TextStyle | undefined;
}

interface Shape {
  /** Absent means that nothing is ever cut. */
  width?: number;
  /** Absent means plain text. */
  paint?: (style: TextStyle, text: string) => string;
}

const GAP = "  ";
const NARROWEST = 8;

/** Lines of aligned columns, the titles first. */
export function tableLines<Row>(rows: Row[], columns: Column<Row>[], shape: Shape = {}): string[] {
  const { width, paint = (_style, text) => text } = shape;
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((line) => widthOf(line[index]!))),
  );
  const flexible = columns.findIndex((column) => column.flexible);
  if (width !== undefined && flexible >= 0) {
    const total = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1));
    const surplus = Math.max(0, total - width);
    widths[flexible] = Math.min(
      widths[flexible]!,
      Math.max(NARROWEST, widths[flexible]! - surplus),
    );
  }
  const line = (values: string[], styleOf: (index: number) => TextStyle | undefined) => {
    const last = values.length - 1;
    const parts = values.map((value, index) => {
      const { align = "left" } = columns[index]!;
      const text = fit(value, { width: widths[index]!, align, trailing: index < last });
      const style = styleOf(index);
      return style ? paint(style, text) : text;
    });
    return parts.join(GAP);
  };
  return [
    line(
      columns.map(({ title }) => title),
      () => "dim",
    ),
    ...rows.map((row, number) => line(cells[number]!, (index) => columns[index]!.style?.(row))),
  ];
}

/** Text that was written by others, made harmless: a line break or an escape sequence in it would drive the terminal. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

function widthOf(text: string): number {
  return charactersOf(text).length;
}

function fit(
  text: string,
  { width, align, trailing }: { width: number; align: "left" | "right"; trailing: boolean },
): string {
  const length = widthOf(text);
  if (length > width)
    return `${charactersOf(text)
      .slice(0, width - 1)
      .join("")}…`;
  const space = " ".repeat(width - length);
  if (align === "right") return space + text;
  return trailing ? text + space : text;
}
