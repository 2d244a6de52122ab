import { plainName } from "../policy/domain-pattern.ts";

// More than any program of good will looks up; a sandbox that asks for more forgets its oldest.
const ADDRESSES = 4_096;
// Names that share a server farm's address.
const NAMES_PER_ADDRESS = 32;

/** Which names' addresses a sandbox was told, so that a connection to an address can be judged by its name. */
export class NameMemory {
  readonly #names = new Map<string, string[]>();

  learn(name: string, addresses: readonly string[]): void {
    const plain = plainName(name);
    for (const address of addresses) {
      const known = this.#names.get(address) ?? [];
      // Asked for last, forgotten last.
      this.#names.delete(address);
      this.#names.set(
        address,
        [plain, ...known.filter((other) => other !== plain)].slice(0, NAMES_PER_ADDRESS),
      );
    }
    for (const address of this.#names.keys()) {
      if (this.#names.size <= ADDRESSES) break;
      this.#names.delete(address);
    }
  }

  /** The latest first. */
  namesOf(address: string): readonly string[] {
    return this.#names.get(address) ?? [];
  }
}
