import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const WRITER = fileURLToPath(new URL("./store-writer.ts", import.meta.url));

/** Starts `store-writer.ts`; whoever calls this waits for its end. */
export function startStoreWriter(...args: string[]): ChildProcess {
  return spawn(process.execPath, ["--no-warnings", WRITER, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
