import { join } from "node:path";
import { buildIfStale, LIBRARY, STUDIO } from "./build-studio.ts";

const ROOT = join(import.meta.dirname, "..");

/** Before the browser tests: each starts a studio, and two builds at once stand in each other's way. */
export async function setup(): Promise<void> {
  const build = {
    signal: new AbortController().signal,
    say: (line: string) => process.stdout.write(`${line}\n`),
  };
  await buildIfStale(ROOT, LIBRARY, build);
  await buildIfStale(ROOT, STUDIO, build);
}
