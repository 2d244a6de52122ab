/** The text in pieces of at most so many characters (of two or more). None of them cuts a character that takes two places. */
export function* textPieces(text: string, length: number): Generator<string, void, void> {
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + length, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1] ?? "")) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
}
