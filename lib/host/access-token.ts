import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";

/** The token of a state folder, made at the first call: a file that only this user can read. */
export function accessToken(file: string): string {
  try {
    writeFileSync(file, `${randomBytes(32).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    // It may have been copied here with another mode.
    chmodSync(file, 0o600);
  }
  return readFileSync(file, "utf8").trim();
}
