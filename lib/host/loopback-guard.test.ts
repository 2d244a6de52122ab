import { expect, test } from "vitest";
import { refusal } from "./loopback-guard.ts";

const own = { port: 4000, token: "the-token" };
const authorization = "Bearer the-token";

test.each(["127.0.0.1:4000", "localhost:4000", "LOCALHOST:4000", "[::1]:4000"])(
  "lets a program through that calls %s with the token",
  (host) => {
    expect(refusal({ host, authorization }, own)).toBeUndefined();
  },
);

test.each([
  ["no Host header", {}],
  ["a name that was rebound to this machine", { host: "evil.example:4000" }],
  ["another port's name", { host: "localhost:4001" }],
  ["no port", { host: "localhost" }],
  ["a name that begins like ours", { host: "localhost.evil.example:4000" }],
  ["a page of another site", { host: "localhost:4000", origin: "https://evil.example" }],
  ["a page of another port", { host: "localhost:4000", origin: "http://localhost:3000" }],
  ["a page without an origin", { host: "localhost:4000", origin: "null" }],
  [
    "an origin with our name in its path",
    { host: "localhost:4000", origin: "http://x/localhost:4000" },
  ],
  ["another site's image or form", { host: "localhost:4000", "sec-fetch-site": "cross-site" }],
  ["another port's image or form", { host: "localhost:4000", "sec-fetch-site": "same-site" }],
])("refuses %s, token or not", (_, headers) => {
  expect(refusal({ ...headers, authorization }, own)?.status).toBe(403);
});

test("lets its own pages through", () => {
  const headers = {
    host: "localhost:4000",
    origin: "http://localhost:4000",
    "sec-fetch-site": "same-origin",
    authorization,
  };
  expect(refusal(headers, own)).toBeUndefined();
});

test.each([
  ["no token", undefined],
  ["another token", "Bearer the-tokem"],
  ["a token that begins rightly", "Bearer the-token-and-more"],
  ["a part of the token", "Bearer the-toke"],
  ["another scheme", "Basic the-token"],
  ["nothing after the scheme", "Bearer "],
])("refuses %s with 401", (_, header) => {
  const headers = {
    host: "localhost:4000",
    ...(header !== undefined && { authorization: header }),
  };
  expect(refusal(headers, own)?.status).toBe(401);
});
