/**
 * Something that takes a while to make and is shared by all who ask: made when it is first asked for, and anew
 * after that has failed, as what stood in its way may have passed.
 */
export class MadeOnce<Thing, Words extends readonly unknown[] = []> {
  readonly #make: (...words: Words) => Promise<Thing>;
  #thing: Promise<Thing> | undefined;

  constructor(make: (...words: Words) => Promise<Thing>) {
    this.#make = make;
  }

  /** What is there or being made, if anything. */
  get current(): Promise<Thing> | undefined {
    return this.#thing;
  }

  /** Rejects as the making does, for all who ask meanwhile. The words are those of whoever asks first. */
  get(...words: Words): Promise<Thing> {
    if (this.#thing) return this.#thing;
    const thing = this.#make(...words);
    this.#thing = thing;
    thing.catch(() => this.forget(thing));
    return thing;
  }

  /** Whoever asks next has another one made, unless that has happened already. */
  forget(thing: Promise<Thing> | undefined): void {
    if (this.#thing === thing) this.#thing = undefined;
  }
}
