import { expect, test } from "vitest";
import { toPanelLayout } from "./panel-layout.ts";

test("sizes come back as they were kept", () => {
  const layout = { columns: { chat: 40, work: 60 }, rows: { main: 70, dock: 30 } };
  expect(toPanelLayout(JSON.stringify(layout))).toEqual(layout);
});

test("whatever else a cookie holds, the page has its own sizes", () => {
  for (const value of [undefined, "", "{", "null", '{"columns":{"chat":"wide"}}', "[1]"]) {
    expect(toPanelLayout(value), String(value)).toEqual({});
  }
});
