const segmenter = new Intl.Segmenter("en");

/** What a person sees as single characters, however many code points each has. */
export function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
