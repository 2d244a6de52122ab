import { CARRIER_LIMITS } from "../../contract/carrier.ts";

export interface FrameQueueOptions<Frame> {
  /** Writes one record. Called again only when it has settled. */
  write: (frames: Frame[], number: number) => Promise<void>;
  /** Called once, with the first error of `write`; nothing is written after it. */
  broken: (error: unknown) => void;
}

/** More than a chunk's frame takes besides its data. */
const FRAME_CHARACTERS = 200;

/**
 * Frames on their way into a log: in order, one record at a time, and all that came up meanwhile in the
 * next one. What may wait in it is bounded by the windows of the bodies that the frames belong to.
 */
export class FrameQueue<Frame extends { kind: string }> {
  readonly #options: FrameQueueOptions<Frame>;
  #waiting: { frame: Frame; size: number }[] = [];
  #number = 0;
  #writing: Promise<void> | undefined;
  #ended = false;

  constructor(options: FrameQueueOptions<Frame>) {
    this.#options = options;
  }

  push(frame: Frame): void {
    if (this.#ended) return;
    this.#waiting.push({ frame, size: sizeOf(frame) });
    this.#writing ??= this.#writeAll();
  }

  /** Waits until all that was pushed is written, or the log is broken. Never rejects. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        // What the same turn of the event loop brings goes along: an answer's head and its only chunk.
        await new Promise((resolve) => setImmediate(resolve));
        await this.#options.write(this.#take(), this.#number++);
      }
    } catch (error) {
      this.#ended = true;
      this.#waiting = [];
      this.#options.broken(error);
    } finally {
      this.#writing = undefined;
    }
  }

  /** As many frames as one record holds, and at least one. */
  #take(): Frame[] {
    let characters = 0;
    let count = 0;
    for (const { size } of this.#waiting) {
      characters += size;
      if (count > 0 && characters > CARRIER_LIMITS.recordCharacters) break;
      count += 1;
    }
    return this.#waiting.splice(0, count).map(({ frame }) => frame);
  }
}

/** About how long the frame is as JSON, without making that of a large one. */
function sizeOf(frame: object): number {
  return "data" in frame && typeof frame.data === "string"
    ? frame.data.length + FRAME_CHARACTERS
    : JSON.stringify(frame).length;
}
