import { createHmac } from "node:crypto";
import { SandboxError } from "../../contract/errors.ts";
import type { Sandbox } from "../../contract/sandbox.ts";
import type { FaceContext, RequestHead } from "../../engine/face.ts";
import { isSameSecret } from "../../std/same-secret.ts";
import { keptOf } from "./kept.ts";
import { toolboxPath } from "./toolbox-path.ts";

/** In a browser the vendor's clients cannot send headers with a WebSocket: they put the token here. */
export const TOKEN_QUERY = "DAYTONA_SANDBOX_AUTH_KEY";
export const TOKEN_HEADER = "x-daytona-preview-token";

type Keys = Pick<FaceContext, "secret">;

/** What opens every port of a sandbox, and its toolbox. */
export function previewToken({ secret }: Keys, { id }: Pick<Sandbox, "id">): string {
  return hmac(secret("daytona preview token"), id).slice(0, 32);
}

/** What the vendor's clients sign links to files with, by themselves. */
export function signingKey({ secret }: Keys, sandbox: Pick<Sandbox, "id" | "kept">): string {
  const { signingKeyRotations } = keptOf(sandbox);
  return hmac(secret("daytona signing key"), `${sandbox.id}:${signingKeyRotations}`);
}

/** A token for one port until a time, in seconds since the epoch. It says both of itself. */
export function signedPreviewToken(
  { secret }: Keys,
  { id }: Pick<Sandbox, "id">,
  { port, expires }: { port: number; expires: number },
): string {
  const signature = hmac(secret("daytona signed preview"), `${id}:${port}:${expires}`);
  return `${port}-${expires}-${signature.slice(0, 32)}`;
}

/** When such a token expires; undefined when it is none, or not for this port of this sandbox. */
export function expiryOfPreviewToken(
  keys: Keys,
  sandbox: Pick<Sandbox, "id">,
  { token, port }: { token: string; port: number },
): number | undefined {
  const expires = Number(/^\d+-(\d{1,15})-[0-9a-f]{32}$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(expires)) return undefined;
  const genuine = signedPreviewToken(keys, sandbox, { port, expires });
  return isSameSecret(token, genuine) ? expires : undefined;
}

/** Whether the request brings a proof of its own, which `checkProof` has to look at. */
export function isSelfProven(request: RequestHead): boolean {
  const target = toolboxPath(request);
  if (!target) return false;
  const { searchParams } = new URL(request.url);
  return isSignable(request, target.path)
    ? searchParams.has("signature") || hasToken(request)
    : hasToken(request);
}

/** Throws `unauthorized` for a proof that is none. What brings no proof was let through by the host. */
export function checkProof(
  request: RequestHead,
  { sandbox, keys, nowMs }: { sandbox: Sandbox; keys: Keys; nowMs: number },
): void {
  const target = toolboxPath(request);
  const { searchParams } = new URL(request.url);
  if (target && isSignable(request, target.path) && searchParams.has("signature")) {
    checkSignature(request.method, searchParams, { key: signingKey(keys, sandbox), nowMs });
    return;
  }
  const token = searchParams.get(TOKEN_QUERY) ?? request.headers.get(TOKEN_HEADER);
  if (token === null || isSameSecret(token, previewToken(keys, sandbox))) return;
  throw new SandboxError(
    "unauthorized",
    "The sandbox's token is wrong; ask for a preview link anew.",
  );
}

function checkSignature(
  method: string,
  query: URLSearchParams,
  { key, nowMs }: { key: string; nowMs: number },
): void {
  const path = query.get("path") ?? "";
  const expires = query.get("expires") ?? "";
  const digest = createHmac("sha256", key)
    .update(`v1:files:${method}:${path}:${expires}`)
    .digest("base64url");
  if (!/^\d+$/.test(expires) || !isSameSecret(query.get("signature") ?? "", `v1_${digest}`)) {
    throw new SandboxError("unauthorized", "The link's signature is wrong; sign it anew.");
  }
  // 0 stands for a link without an end.
  if (Number(expires) !== 0 && Number(expires) * 1_000 < nowMs) {
    throw new SandboxError("unauthorized", "The link has expired; sign it anew.");
  }
}

/** The two calls of a toolbox that a link can be made of. */
function isSignable({ method }: RequestHead, path: string): boolean {
  return method === "GET"
    ? path === "/files/download"
    : method === "POST" && path === "/files/upload-v2";
}

function hasToken(request: RequestHead): boolean {
  return (
    new URL(request.url).searchParams.has(TOKEN_QUERY) || request.headers.get(TOKEN_HEADER) !== null
  );
}

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
