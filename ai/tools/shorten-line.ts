const SHOWN_LENGTH = 80;

/** A command line as a sentence can hold it: on one line, and cut where it is long. */
export function shortenLine(line: string): string {
  const flat = line.replace(/\s+/g, " ").trim();
  return flat.length > SHOWN_LENGTH ? `${flat.slice(0, SHOWN_LENGTH - 1)}…` : flat;
}
