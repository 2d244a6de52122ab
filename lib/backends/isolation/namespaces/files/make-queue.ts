import type { NewThing } from "./maker-message.ts";

/** As much as is sent at a time: one switch of identity and one message for all of it. */
const MOST_THINGS = 64;
const MOST_BYTES = 512 * 1024;
/** One is worked on while the next is on its way. */
const MOST_UNDERWAY = 2;

/**
 * Puts what is asked for in quick succession together. The first is sent at once; what comes while it is
 * underway waits for the next turn, so that nobody waits for company.
 */
export class MakeQueue {
  readonly #send: (things: NewThing[]) => Promise<(Error | undefined)[]>;
  #waiting: { thing: NewThing; settle: (error: Error | undefined) => void }[] = [];
  #underway = 0;

  /** `send` tells of each thing what stood in its way. */
  constructor(send: (things: NewThing[]) => Promise<(Error | undefined)[]>) {
    this.#send = send;
  }

  make(thing: NewThing): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined) => (error ? reject(error) : resolve());
      this.#waiting.push({ thing, settle });
      this.#go();
    });
  }

  #go(): void {
    while (this.#underway < MOST_UNDERWAY && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#length());
      this.#underway++;
      const end = (errors: (Error | undefined)[]) => {
        this.#underway--;
        for (const [index, { settle }] of batch.entries()) settle(errors[index]);
        this.#go();
      };
      this.#send(batch.map(({ thing }) => thing)).then(end, (error: unknown) => {
        const reason = error instanceof Error ? error : new Error(String(error));
        end(batch.map(() => reason));
      });
    }
  }

  #length(): number {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ thing }, index) => {
      bytes += thing.content?.length ?? 0;
      return index > 0 && (index >= MOST_THINGS || bytes > MOST_BYTES);
    });
    return end < 0 ? this.#waiting.length : end;
  }
}
