import { LIMITS } from "../../contract/limits.ts";

/** Text as a program wrote it, a message of the kernel's that stood in it, or how much of one was too long to keep. */
export type Piece = { text: string } | { message: unknown } | { droppedCharacters: number };

/**
 * Takes a kernel's messages out of what its programs write to the same place: each begins with a marker that nobody
 * else knows, and ends with its line. So whatever a message comes after is before it here, too, also what a child
 * process wrote. Code that finds the marker out can fool its own reader, and no more: a message has a limit.
 */
export class MarkedText {
  readonly #marker: string;
  readonly #limit: number;
  /** What may be the beginning of a marker. */
  #held = "";
  #message: Message | undefined;

  constructor(marker: string, limit: number = LIMITS.kernelMessageCharacters) {
    this.#marker = marker;
    this.#limit = limit;
  }

  /** What is complete by now. A message that is no JSON (somebody cut it) is passed over. */
  push(text: string): Piece[] {
    const pieces: Piece[] = [];
    let rest = this.#held + text;
    this.#held = "";
    while (true) {
      if (this.#message) {
        const end = rest.indexOf("\n");
        this.#message.add(end < 0 ? rest : rest.slice(0, end));
        if (end < 0) return pieces;
        const piece = this.#message.end();
        if (piece) pieces.push(piece);
        this.#message = undefined;
        rest = rest.slice(end + 1);
        continue;
      }
      const start = rest.indexOf(this.#marker);
      const plain = start < 0 ? rest.length - this.#beginningAtEnd(rest) : start;
      if (plain > 0) pieces.push({ text: rest.slice(0, plain) });
      if (start < 0) {
        this.#held = rest.slice(plain);
        return pieces;
      }
      rest = rest.slice(start + this.#marker.length);
      this.#message = new Message(this.#limit);
    }
  }

  /** Forgets a message that was begun: the rest of it will never come. */
  reset(): void {
    this.#held = "";
    this.#message = undefined;
  }

  /** How much of the end may be the beginning of a marker. */
  #beginningAtEnd(text: string): number {
    const longest = Math.min(this.#marker.length - 1, text.length);
    for (let length = longest; length > 0; length--) {
      if (text.endsWith(this.#marker.slice(0, length))) return length;
    }
    return 0;
  }
}

/** One message on its way, in the pieces in which it comes: it is looked through once, however long it is. */
class Message {
  readonly #limit: number;
  readonly #parts: string[] = [];
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: string): void {
    this.#length += part.length;
    if (this.#length > this.#limit) this.#parts.length = 0;
    else this.#parts.push(part);
  }

  end(): Piece | undefined {
    if (this.#length > this.#limit) return { droppedCharacters: this.#length };
    try {
      return { message: JSON.parse(this.#parts.join("")) as unknown };
    } catch {
      return undefined; // Cut off by an interrupt.
    }
  }
}
