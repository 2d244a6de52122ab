import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { NamespacesIsolationOptions } from "../../backends/isolation/namespaces/namespaces-isolation.ts";
import { keyringShield } from "../../host/keyring-shield.ts";
import { callingProgram } from "../ordinary-user.ts";
import { withCallersKey } from "./callers-key.ts";
import type { Outcome } from "./try-attempt.ts";

const run = promisify(execFile);
const PROGRAM = new URL("./try-all.ts", import.meta.url);

/** Makes the attempt of that title with an engine that was started by somebody who has a key, as daemons are or as any program is. */
export async function tryUnderCallersKey(
  title: string,
  { shielded, changed }: { shielded: boolean; changed: Partial<NamespacesIsolationOptions> },
): Promise<Outcome> {
  const program = callingProgram(PROGRAM, "tryTitled", title, changed);
  const line = [...withCallersKey, ...(shielded ? keyringShield() : []), ...program];
  const { stdout } = await run(line[0]!, line.slice(1), { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Outcome;
}
