/** The candidate that the word was most likely meant to be; undefined when none is near. */
export function closest(word: string, candidates: string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceBetween(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  // More than a third of the word changed is no slip of the finger.
  return best && best.distance <= Math.max(1, Math.ceil(word.length / 3))
    ? best.candidate
    : undefined;
}

/** Levenshtein's distance: how many letters to add, drop or change. */
function distanceBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of from.split("").entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column++) {
      const change = previous[column - 1]! + (letter === to[column - 1] ? 0 : 1);
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
