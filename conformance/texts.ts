import { expect } from "vitest";
import type { Command } from "@vercel/sandbox";

/** A stream's bytes as text. */
export async function readText(stream: AsyncIterable<unknown> | null): Promise<string> {
  if (!stream) throw new Error("there is no stream");
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads a command's log until it holds the text, and leaves. */
export async function waitForOutput(command: Command, text: string): Promise<string> {
  let seen = "";
  for await (const { data } of command.logs()) {
    seen += data;
    if (seen.includes(text)) return seen;
  }
  expect.fail(
    `the command ended without ${JSON.stringify(text)}; it wrote ${JSON.stringify(seen)}`,
  );
}
