import { StudioError } from "../../studio/contract/errors.ts";

/** One change of a file, as a model asks for it. */
export interface TextEdit {
  path: string;
  search: string;
  replace: string;
  replaceAll: boolean;
}

/**
 * Replaces exactly what was searched, or throws `bad_request` with what the model needs for a better try. A
 * file with Windows line breaks keeps them, although models write only line feeds.
 */
export function replaceText(
  before: string,
  { path, search, replace, replaceAll }: TextEdit,
): { text: string; replacements: number } {
  const usesCrlf = before.includes("\r\n") && !search.includes("\r\n");
  const wanted = usesCrlf ? search.replaceAll("\n", "\r\n") : search;
  const replacement = usesCrlf ? replace.replace(/\r?\n/g, "\r\n") : replace;
  const pieces = before.split(wanted);
  const found = pieces.length - 1;
  if (found === 0) throw new StudioError("bad_request", notFound(before, path, search));
  if (found > 1 && !replaceAll) {
    throw new StudioError(
      "bad_request",
      `The text to search is in ${path} ${found} times, at lines ${linesOf(pieces).join(", ")}. Nothing was changed. Take more lines around the one that you mean, or set replaceAll.`,
    );
  }
  if (wanted === replacement) {
    throw new StudioError(
      "bad_request",
      `The edit of ${path} replaces the text with itself, so it would change nothing. Give the new text as replace.`,
    );
  }
  return { text: pieces.join(replacement), replacements: found };
}

function notFound(before: string, path: string, search: string): string {
  const start = `The text to search is not in ${path}, so nothing was changed.`;
  const line = likelyLine(before, search);
  return line === undefined
    ? `${start} Read the file and take the text from it as it is, with its white space.`
    : `${start} Its first line is at line ${line} with other text or white space around it: read the file from there and take the text as it is.`;
}

/** Where the first line that was searched stands, white space aside. */
function likelyLine(before: string, search: string): number | undefined {
  const first = search
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
  if (first === undefined) return undefined;
  const index = before.split("\n").findIndex((line) => line.trim() === first);
  return index === -1 ? undefined : index + 1;
}

/** The lines at which the pieces meet. */
function linesOf(pieces: string[]): number[] {
  const lines: number[] = [];
  let line = 1;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) lines.push(line);
    line += piece.split("\n").length - 1;
  }
  return lines.slice(0, 10);
}
