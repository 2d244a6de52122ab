import { createHash } from "node:crypto";
import { isSameSecret } from "../../../std/same-secret.ts";

export type FileOperation = "read" | "write";

/**
 * Whether a link to a file was signed with the sandbox's token, for this path, user and operation and no other. A link
 * that was, and whose time is over, is `expired`.
 */
export function isSignedFor(
  url: URL,
  { operation, token, nowMs }: { operation: FileOperation; token: string; nowMs: number },
): boolean | "expired" {
  const signature = url.searchParams.get("signature");
  const path = url.searchParams.get("path") ?? "";
  const user = url.searchParams.get("username") ?? "";
  const expiration = url.searchParams.get("signature_expiration");
  if (expiration !== null && !/^\d{1,15}$/.test(expiration)) return false;
  const signed = [path, operation, user, token, ...(expiration === null ? [] : [expiration])];
  const digest = createHash("sha256").update(signed.join(":")).digest("base64");
  if (!isSameSecret(signature, `v1_${digest.replace(/=+$/, "")}`)) return false;
  const isOver = expiration !== null && Number(expiration) * 1_000 < nowMs;
  return isOver ? "expired" : true;
}
