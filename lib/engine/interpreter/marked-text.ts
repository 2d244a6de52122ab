/** Text as a program wrote it, or a message of the kernel's that stood in it. */
export type Piece = { text: string } | { message: unknown };

/**
 * Takes a kernel's messages out of what its programs write to the same place: each begins with a marker that nobody
 * else knows, and ends with its line. So whatever a message comes after is before it here, too, also what a child
 * process wrote.
 */
export class MarkedText {
  readonly #marker: string;
  #held = "";
  #isMessage = false;

  constructor(marker: string) {
    this.#marker = marker;
  }

  /** What is complete by now. A message that is no JSON (somebody cut it) is passed over. */
  push(text: string): Piece[] {
    const pieces: Piece[] = [];
    this.#held += text;
    while (true) {
      if (this.#isMessage) {
        const end = this.#held.indexOf("\n");
        if (end < 0) return pieces;
        const message = parse(this.#take(end + 1));
        if (message !== undefined) pieces.push({ message });
        this.#isMessage = false;
        continue;
      }
      const start = this.#held.indexOf(this.#marker);
      const plain = this.#take(start < 0 ? this.#held.length - this.#beginningAtEnd() : start);
      if (plain !== "") pieces.push({ text: plain });
      if (start < 0) return pieces;
      this.#take(this.#marker.length);
      this.#isMessage = true;
    }
  }

  /** Forgets a message that was begun: the rest of it will never come. */
  reset(): void {
    this.#held = "";
    this.#isMessage = false;
  }

  #take(length: number): string {
    const taken = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return taken;
  }

  /** How much of the end may be the beginning of a marker. */
  #beginningAtEnd(): number {
    const longest = Math.min(this.#marker.length - 1, this.#held.length);
    for (let length = longest; length > 0; length--) {
      if (this.#held.endsWith(this.#marker.slice(0, length))) return length;
    }
    return 0;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined; // Cut off by an interrupt.
  }
}
