import { expect, test } from "vitest";
import { readLogLines } from "./read-log-lines.ts";

const line = (data: string) => JSON.stringify({ stream: "stdout", data, timestamp: 1 });

function responseOf(...pieces: Uint8Array<ArrayBuffer>[]): {
  response: Response;
  cancelled: () => boolean;
} {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel() {
      cancelled = true;
    },
  });
  return { response: new Response(body), cancelled: () => cancelled };
}

test("lines are whole, wherever the bytes were cut", async () => {
  const bytes = new TextEncoder().encode(`${line("grüße")}\n\n${line("b")}\n${line("no break")}`);
  const pieces = Array.from(bytes, (_byte, index) => bytes.slice(index, index + 1));
  const read: string[] = [];
  for await (const { data } of readLogLines(responseOf(...pieces).response)) read.push(data);
  expect(read).toEqual(["grüße", "b", "no break"]);
});

test("who leaves the loop ends the reading", async () => {
  const encoder = new TextEncoder();
  const { response, cancelled } = responseOf(
    encoder.encode(`${line("a")}\n`),
    encoder.encode(`${line("b")}\n`),
    encoder.encode(`${line("c")}\n`),
  );
  for await (const { data } of readLogLines(response)) if (data === "a") break;
  expect(cancelled()).toBe(true);
});

test("a line of another shape is left out", async () => {
  const bytes = new TextEncoder().encode(`{"stream":"strange"}\n${line("a")}\n`);
  const read: string[] = [];
  for await (const { data } of readLogLines(responseOf(bytes).response)) read.push(data);
  expect(read).toEqual(["a"]);
});
