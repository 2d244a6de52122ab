/** The end of a text of any length: what came before its last characters is dropped as it grows, and counted. */
export class TailText {
  readonly #limit: number;
  #pieces: string[] = [];
  #length = 0;
  #droppedCharacters = 0;

  /** `limit`: how many characters are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  append(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
    // Cutting at each piece would copy the whole tail for every line.
    if (this.#length > 2 * this.#limit) this.#cut();
  }

  /** How many characters came before what is kept. */
  get droppedCharacters(): number {
    this.#cut();
    return this.#droppedCharacters;
  }

  toString(): string {
    this.#cut();
    return this.#pieces.join("");
  }

  #cut(): void {
    const surplus = this.#length - this.#limit;
    if (surplus <= 0) return;
    const whole = this.#pieces.join("");
    // Half of a character that is two units long is none.
    const isSplit = /^[\uDC00-\uDFFF]/.test(whole.slice(surplus, surplus + 1));
    const kept = whole.slice(isSplit ? surplus + 1 : surplus);
    this.#droppedCharacters += whole.length - kept.length;
    this.#pieces = [kept];
    this.#length = kept.length;
  }
}
