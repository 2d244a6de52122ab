import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";

/** A text that may be a part of a longer one. */
export interface CutText {
  text: string;
  omittedCharacters: number;
}

/**
 * Collects a text of any length and keeps its beginning and its end: what a command was about, and how it
 * ended. What lies between is counted and forgotten at once, so that a gigabyte of output costs no memory.
 */
export class TextCutter {
  readonly #sideLength: number;
  #head = "";
  #tail = "";
  #omitted = 0;

  constructor({ limit = STUDIO_LIMITS.modelTextLength }: { limit?: number } = {}) {
    this.#sideLength = Math.floor(limit / 2);
  }

  append(text: string): void {
    const room = this.#sideLength - this.#head.length;
    this.#head += text.slice(0, room);
    this.#tail += text.slice(room);
    // Cut seldom: each cut copies the whole tail.
    if (this.#tail.length > this.#sideLength * 4) this.#cutTail();
  }

  /** What is kept, with a line in the middle that says what is missing. */
  result(): CutText {
    this.#cutTail();
    if (this.#omitted === 0) return { text: this.#head + this.#tail, omittedCharacters: 0 };
    const mark = `\n[… ${this.#omitted} characters left out …]\n`;
    return {
      text: `${withoutHalf(this.#head)}${mark}${this.#tail}`,
      omittedCharacters: this.#omitted,
    };
  }

  #cutTail(): void {
    const excess = this.#tail.length - this.#sideLength;
    if (excess <= 0) return;
    this.#omitted += excess;
    this.#tail = this.#tail.slice(excess).replace(/^[\uDC00-\uDFFF]/, "");
  }
}

// A cut between the two halves of a character would leave something that is no text.
function withoutHalf(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, "");
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  const lines = text.split("\n");
  // The line break at the end begins no line.
  const end = lines.at(-1) === "" ? 1 : 0;
  return lines.slice(-(count + end)).join("\n");
}
