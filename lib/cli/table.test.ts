import { expect, test } from "vitest";
import { tableLines, type Column } from "./table.ts";

interface Row {
  name: string;
  size: string;
  note: string;
}

const columns: Column<Row>[] = [
  { title: "NAME", value: ({ name }) => name },
  { title: "SIZE", value: ({ size }) => size, align: "right" },
  { title: "NOTE", value: ({ note }) => note, flexible: true },
];

const rows: Row[] = [
  { name: "a", size: "1 B", note: "short" },
  { name: "longer", size: "20 MB", note: "a note that goes on and on" },
];

test("aligns columns, numbers at the right, and leaves no space at the end", () => {
  expect(tableLines(rows, columns)).toEqual([
    "NAME     SIZE  NOTE",
    "a         1 B  short",
    "longer  20 MB  a note that goes on and on",
  ]);
});

test("cuts only the flexible column when the terminal is too narrow", () => {
  expect(tableLines(rows, columns, { width: 30 })).toEqual([
    "NAME     SIZE  NOTE",
    "a         1 B  short",
    "longer  20 MB  a note that go…",
  ]);
});

test("never widens a column that fits", () => {
  expect(tableLines([{ name: "a", size: "1", note: "b" }], columns, { width: 10 })).toEqual([
    "NAME  SIZE  NOTE",
    "a        1  b",
  ]);
});

test("takes the sting out of control characters in values", () => {
  const [, line] = tableLines([{ name: "x", size: "1", note: "\u001b[2Jred\nnext" }], columns);
  expect(line).toBe("x        1   [2Jred next");
});

test("paints after measuring, so that colours do not shift columns", () => {
  const painted = tableLines(rows, [{ ...columns[0]!, style: () => "bold" }, columns[1]!], {
    paint: (style, text) => `<${style}>${text}</>`,
  });
  expect(painted).toEqual([
    "<dim>NAME  </>  <dim> SIZE</>",
    "<bold>a     </>    1 B",
    "<bold>longer</>  20 MB",
  ]);
});
