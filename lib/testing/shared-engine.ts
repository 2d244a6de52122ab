import { afterAll, beforeAll } from "vitest";
import { temporaryEngine } from "./temporary-engine.ts";

export type TemporaryEngine = Awaited<ReturnType<typeof temporaryEngine>>;

/** One engine for all tests of the file, or of the block that this is called in; `made` gets it before the first. */
export function sharedEngine(
  made: (temporary: TemporaryEngine) => void,
  make: () => Promise<TemporaryEngine> = () => temporaryEngine(),
): void {
  let temporary: TemporaryEngine | undefined;
  beforeAll(async () => {
    temporary = await make();
    made(temporary);
  });
  afterAll(() => temporary?.[Symbol.asyncDispose]());
}
