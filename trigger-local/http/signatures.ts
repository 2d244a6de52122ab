import { createHmac, timingSafeEqual } from "node:crypto";

/** What only the holder of the secret could have made for the text. */
export function signature(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export function isSignature(
  given: string,
  { secret, text }: { secret: string; text: string },
): boolean {
  return isEqual(given, signature(secret, text));
}

/** Whether two texts are the same; it takes as long to say no as to say yes. */
export function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
