import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where an authority lies: its key, then its certificate. */
export function authorityFile(directory: string): string {
  return join(directory, "authority.pem");
}

/** The two parts of the file. */
export function splitAuthority(text: string): { key: string; certificate: string } {
  const [key = "", certificate = ""] = text.split(/(?<=-----END PRIVATE KEY-----\n)/);
  return { key, certificate };
}

/** The certificate of the folder's authority; undefined while it has none. */
export async function savedAuthorityPem(directory: string): Promise<string | undefined> {
  try {
    return splitAuthority(await readFile(authorityFile(directory), "utf8")).certificate;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
