import { timingSafeEqual } from "node:crypto";

/** Whether the given secret is the genuine one, in a time that does not tell how much of it is right. */
export function isSameSecret(given: string | null | undefined, genuine: string): boolean {
  const [one, other] = [Buffer.from(given ?? ""), Buffer.from(genuine)];
  return one.length === other.length && timingSafeEqual(one, other);
}
