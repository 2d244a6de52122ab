/** Every text of up to so many letters of the alphabet: what holds for all of them is no luck. */
export function* allTexts(alphabet: readonly string[], length: number): Generator<string[], void> {
  yield [];
  if (length === 0) return;
  for (const rest of allTexts(alphabet, length - 1)) {
    for (const letter of alphabet) yield [letter, ...rest];
  }
}
