import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { aSandbox } from "../../testing/store-rows.ts";
import {
  checkProof,
  expiryOfPreviewToken,
  isSelfProven,
  previewToken,
  signedPreviewToken,
  signingKey,
} from "./credentials.ts";

const keys = {
  secret: (purpose: string) => createHmac("sha256", "test").update(purpose).digest("hex"),
};
const sandbox = aSandbox({ id: "one" });
const other = aSandbox({ id: "two" });
const NOW_MS = 1_000_000;

const head = (method: string, path: string, headers: Record<string, string> = {}) => ({
  method,
  url: `http://face.test/toolbox/one${path}`,
  headers: new Headers(headers),
});

/** A link as the vendor's clients sign it. */
const signed = (
  method: string,
  path: string,
  { key = signingKey(keys, sandbox), expires = 0 } = {},
) => {
  const text = `v1:files:${method}:${path}:${expires}`;
  const signature = `v1_${createHmac("sha256", key).update(text).digest("base64url")}`;
  return `?${new URLSearchParams({ path, expires: `${expires}`, signature }).toString()}`;
};

const check =
  (request: ReturnType<typeof head>, of = sandbox) =>
  () =>
    checkProof(request, { sandbox: of, keys, nowMs: NOW_MS });

test("only what brings a proof is let through without the folder's token", () => {
  const token = previewToken(keys, sandbox);
  expect(isSelfProven(head("GET", "/work-dir"))).toBe(false);
  expect(isSelfProven(head("GET", `/work-dir?DAYTONA_SANDBOX_AUTH_KEY=${token}`))).toBe(true);
  expect(isSelfProven(head("GET", "/work-dir", { "x-daytona-preview-token": token }))).toBe(true);
  expect(isSelfProven(head("GET", "/files/download?signature=x"))).toBe(true);
  // A signature is for the two calls that links are made of.
  expect(isSelfProven(head("POST", "/process/execute?signature=x"))).toBe(false);
  expect(isSelfProven(head("DELETE", "/files/download?signature=x"))).toBe(false);
  const api = { ...head("GET", ""), url: "http://face.test/sandbox?DAYTONA_SANDBOX_AUTH_KEY=x" };
  expect(isSelfProven(api)).toBe(false);
});

test("a signature is for one method, path and time of one sandbox", () => {
  const good = signed("GET", "/a b", { expires: 1_000 });
  expect(check(head("GET", `/files/download${good}`))).not.toThrow();
  expect(check(head("GET", `/files/download${signed("GET", "/a")}`))).not.toThrow();
  for (const bad of [
    head("GET", `/files/download${good.replace("a+b", "c")}`),
    head("POST", `/files/upload-v2${good}`),
    head("GET", `/files/download${good.replace("expires=1000", "expires=2000")}`),
    head("GET", `/files/download${signed("GET", "/a", { key: signingKey(keys, other) })}`),
    head("GET", "/files/download?path=/a&expires=0&signature="),
    head("GET", "/files/download?path=/a&signature=v1_x"),
    head("GET", `/files/download${signed("GET", "/a", { expires: 999 })}`),
  ]) {
    expect(check(bad), bad.url).toThrow(/signature is wrong|has expired/);
  }
});

test("a token is its own sandbox's", () => {
  const token = previewToken(keys, sandbox);
  const request = head("GET", `/work-dir?DAYTONA_SANDBOX_AUTH_KEY=${token}`);
  expect(check(request)).not.toThrow();
  expect(check(request, other)).toThrow("token is wrong");
  expect(check(head("GET", "/work-dir?DAYTONA_SANDBOX_AUTH_KEY="))).toThrow("token is wrong");
});

test("a signed preview's token says its port and its end, and cannot be made to say others", () => {
  const token = signedPreviewToken(keys, sandbox, { port: 80, expires: 5 });
  expect(expiryOfPreviewToken(keys, sandbox, { token, port: 80 })).toBe(5);
  expect(expiryOfPreviewToken(keys, sandbox, { token, port: 81 })).toBeUndefined();
  expect(expiryOfPreviewToken(keys, other, { token, port: 80 })).toBeUndefined();
  const longer = token.replace("-5-", "-6-");
  expect(expiryOfPreviewToken(keys, sandbox, { token: longer, port: 80 })).toBeUndefined();
});
