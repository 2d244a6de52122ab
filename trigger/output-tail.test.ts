import { expect, test } from "vitest";
import { OutputTail } from "./output-tail.ts";
import { allTexts } from "./testing/all-texts.ts";

test.each([1, 2, 3, 4, 5, 9])("keeps the last %i bytes at most, and counts the rest", (limit) => {
  const wrong: string[] = [];
  for (const letters of allTexts(["a", "é", "🌍"], 6)) {
    const tail = new OutputTail(limit);
    for (const letter of letters) tail.append(letter);
    const { text, omittedBytes } = tail.result();
    const whole = letters.join("");
    const kept = Buffer.byteLength(text);
    const isRight =
      whole.endsWith(text) &&
      kept <= limit &&
      kept + omittedBytes === Buffer.byteLength(whole) &&
      // What is left out beyond need is less than one character.
      (omittedBytes === 0 || kept > limit - 4);
    if (!isRight) wrong.push(whole);
  }
  expect(wrong).toEqual([]);
});
