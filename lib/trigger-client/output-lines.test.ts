import { expect, test } from "vitest";
import { outputLines } from "./output-lines.ts";

test("lines that are cut anywhere are whole, and empty ones that keep a connection are none", async () => {
  const bytes = new TextEncoder().encode(
    '\n{"stream":"stdout","data":"\u00e9\\n"}\n\n{"stream":"error","data":{"code":"gone","message":"no more"}}\n\n',
  );
  for (let cut = 0; cut <= bytes.length; cut++) {
    const body = new Blob([bytes.subarray(0, cut), bytes.subarray(cut)]).stream();
    const lines: unknown[] = [];
    for await (const line of outputLines(new Response(body))) lines.push(line);
    expect(lines).toEqual([
      { stream: "stdout", data: "\u00e9\n" },
      { stream: "error", data: { code: "gone", message: "no more" } },
    ]);
  }
});
