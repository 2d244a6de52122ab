import { createHash, timingSafeEqual } from "node:crypto";

export type FileOperation = "read" | "write";

/**
 * Whether a link to a file was signed with the sandbox's token, for this path, user and operation and no other. A link
 * that was, and whose time is over, is `expired`.
 */
export function isSignedFor(
  url: URL,
  operation: FileOperation,
  token: string,
  nowMs: number,
): boolean | "expired" {
  const signature = url.searchParams.get("signature");
  const path = url.searchParams.get("path") ?? "";
  const user = url.searchParams.get("username") ?? "";
  const expiration = url.searchParams.get("signature_expiration");
  if (signature === null) return false;
  if (expiration !== null && !/^\d{1,15}$/.test(expiration)) return false;
  const signed = [path, operation, user, token, ...(expiration === null ? [] : [expiration])];
  const digest = createHash("sha256").update(signed.join(":")).digest("base64");
  const expected = Buffer.from(`v1_${digest.replace(/=+$/, "")}`);
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const isOver = expiration !== null && Number(expiration) * 1_000 < nowMs;
  return isOver ? "expired" : true;
}
