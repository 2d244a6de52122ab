import { expect, test } from "vitest";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { TerminalInput } from "@/studio/contract/terminal.ts";
import { firstPiece } from "./terminal-connection.ts";

test("a long paste goes in pieces that the route takes, and no character is cut", () => {
  const pasted = `a${"😀".repeat(40_000)}`;
  let rest = pasted;
  const pieces: string[] = [];
  while (rest !== "") {
    const piece = firstPiece(rest);
    expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(STUDIO_LIMITS.terminalInputBytes);
    expect(TerminalInput.safeParse({ data: piece }).success).toBe(true);
    expect(piece.isWellFormed()).toBe(true);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  expect(pieces.join("")).toBe(pasted);
  expect(pieces.length).toBeGreaterThan(1);
});
