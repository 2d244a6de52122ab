/** The end of a text of any length, and how many bytes were left out before it. */
export class OutputTail {
  readonly #limitBytes: number;
  #chunks: Buffer[] = [];
  #kept = 0;
  #omitted = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  append(text: string): void {
    const bytes = Buffer.from(text);
    this.#chunks.push(bytes);
    this.#kept += bytes.length;
    // Cut seldom: each cut copies all that is kept.
    if (this.#kept > this.#limitBytes * 2) this.#cut();
  }

  result(): { text: string; omittedBytes: number } {
    this.#cut();
    return { text: Buffer.concat(this.#chunks).toString("utf8"), omittedBytes: this.#omitted };
  }

  #cut(): void {
    if (this.#kept <= this.#limitBytes) return;
    const all = Buffer.concat(this.#chunks);
    let start = all.length - this.#limitBytes;
    // Not in the middle of a character: its further bytes begin with the bits 10.
    while (start < all.length && ((all[start] ?? 0) & 0b1100_0000) === 0b1000_0000) start += 1;
    this.#omitted += start;
    this.#chunks = [all.subarray(start)];
    this.#kept = all.length - start;
  }
}
