import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { packageVersion, PROTOCOL } from "./package-version.ts";

const EngineHolder = z.object({
  kind: z.enum(["daemon", "embedded"]),
  pid: z.int(),
  version: z.string(),
  protocol: z.int(),
  startedAt: z.int(),
  socketPath: z.string().optional(),
  /** Where the daemon also listens by TCP. */
  url: z.string().optional(),
});
/** Who uses a state folder: what the lock cannot tell. It may be of one who is gone. */
export type EngineHolder = z.output<typeof EngineHolder>;

/** This process, as one that uses a state folder for itself. */
export function embeddedHolder(): EngineHolder {
  return {
    kind: "embedded",
    pid: process.pid,
    version: packageVersion(),
    protocol: PROTOCOL,
    startedAt: Date.now(),
  };
}

/** What is written in the file; undefined when there is none, or nothing that is understood. */
export function readHolder(file: string): EngineHolder | undefined {
  try {
    return EngineHolder.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // No file, or one that a process left half written when the disk was full: nobody is known.
    return undefined;
  }
}

/** Only for who holds the engine's lock. */
export function writeHolder(file: string, holder: EngineHolder): void {
  const next = `${file}.new`;
  writeFileSync(next, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

export function removeHolder(file: string): void {
  rmSync(file, { force: true });
}
