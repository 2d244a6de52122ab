import { randomBytes } from "node:crypto";

// No vowels and no look-alikes, so that an id never spells a word and can be read aloud.
const ALPHABET = "bcdfghjkmnpqrstvwxz2345678";

/** `length` random characters that are safe in paths, URLs and host names. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // The rest of 256 is refused so that each character is equally likely.
      if (byte < 234 && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

/** An id such as `cmd_k7x…`: a prefix that tells the kind, and 20 random characters (94 bits). */
export function newId(prefix: string): string {
  return `${prefix}_${randomText(20)}`;
}
