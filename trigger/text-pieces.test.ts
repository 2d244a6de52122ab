import { expect, test } from "vitest";
import { allTexts } from "./testing/all-texts.ts";
import { textPieces } from "./text-pieces.ts";

test.each([2, 3, 4, 5])("pieces of %i are the text again, and none cuts a character", (length) => {
  const wrong: string[] = [];
  for (const letters of allTexts(["a", "é", "🌍"], 6)) {
    const text = letters.join("");
    const pieces = [...textPieces(text, length)];
    const isRight =
      pieces.join("") === text &&
      pieces.every((piece) => piece.length > 0 && piece.length <= length && piece.isWellFormed());
    if (!isRight) wrong.push(text);
  }
  expect(wrong).toEqual([]);
});
