import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KEPT_MS } from "../store/prune.ts";
import { isSignature, signature } from "./signatures.ts";

/** A stored packet, with the type that its writer gave it. */
export interface Packet {
  body: Buffer;
  type: string;
}

/**
 * Payloads and outputs that are too large for a request, each in a file. As in the cloud, whoever has an address
 * that was signed may read or write the one packet that it names. Those of runs that are pruned go with them.
 */
export class Packets {
  readonly #folder: string;
  readonly #secret: string;

  constructor(folder: string, secret: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (statSync(file).mtimeMs < Date.now() - KEPT_MS) rmSync(file);
    }
    this.#folder = folder;
    this.#secret = secret;
  }

  /** The path and query of the address under which a packet is read and written. */
  address(path: string): string {
    return `/packets/${encodeURIComponent(path)}?signature=${signature(this.#secret, path)}`;
  }

  isSigned(path: string, given: string): boolean {
    return isSignature(given, { secret: this.#secret, text: path });
  }

  async write(path: string, { body, type }: Packet): Promise<void> {
    await writeFile(this.#file(path), `${JSON.stringify({ type })}\n`);
    await writeFile(this.#file(path), body, { flag: "a" });
  }

  /** Undefined when there is none. */
  async read(path: string): Promise<Packet | undefined> {
    let stored: Buffer;
    try {
      stored = await readFile(this.#file(path));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
    const end = stored.indexOf("\n");
    const { type }: { type: string } = JSON.parse(stored.subarray(0, end).toString());
    return { body: stored.subarray(end + 1), type };
  }

  // The path comes from outside: only its hash becomes the name of a file.
  #file(path: string): string {
    return join(this.#folder, createHash("sha256").update(path).digest("hex"));
  }
}
