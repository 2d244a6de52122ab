import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** What callers show: programs the secret key, the CLI the access token. Their forms are what the vendor's code expects. */
export const Keys = z.strictObject({
  secretKey: z.string().regex(/^tr_dev_\w{20,}$/),
  accessToken: z.string().regex(/^tr_pat_[a-z0-9]{40}$/),
});
export type Keys = z.output<typeof Keys>;

/** The keys of a state folder, made at the first call. Only this user can read the file. */
export function readKeys(stateFolder: string): Keys {
  const file = join(stateFolder, "keys.json");
  const fresh: Keys = {
    secretKey: `tr_dev_${randomBytes(16).toString("hex")}`,
    accessToken: `tr_pat_${randomBytes(20).toString("hex")}`,
  };
  try {
    writeFileSync(file, JSON.stringify(fresh), { mode: 0o600, flag: "wx" });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return Keys.parse(JSON.parse(readFileSync(file, "utf8")));
  }
}
