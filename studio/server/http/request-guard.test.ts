import { expect, test } from "vitest";
import { refusal } from "./request-guard.ts";

function isRefused(
  method: string,
  headers: Record<string, string>,
  { path = "/api/projects", names = [] as string[] } = {},
): boolean {
  const request = { method, path, headers: new Headers({ host: "localhost:3000", ...headers }) };
  return refusal(request, names) !== undefined;
}

test.each([
  ["a program without a browser's headers", "POST", {}],
  [
    "the studio's own page",
    "POST",
    { origin: "http://localhost:3000", "sec-fetch-site": "same-origin" },
  ],
  ["an address typed by the user", "GET", { "sec-fetch-site": "none" }],
  [
    "the machine's other names",
    "DELETE",
    { host: "127.0.0.1:3000", origin: "http://127.0.0.1:3000" },
  ],
  ["IPv6", "PUT", { host: "[::1]:3000", origin: "http://[::1]:3000" }],
])("lets %s in", (_title, method, headers) => {
  expect(isRefused(method, headers)).toBe(false);
});

test.each([
  ["a name that was made to lead here", "GET", { host: "evil.example:3000" }],
  ["one that only begins like ours", "GET", { host: "localhost.evil.example:3000" }],
  ["no name at all", "GET", { host: "" }],
  [
    "another site's form",
    "POST",
    { origin: "http://evil.example", "sec-fetch-site": "cross-site" },
  ],
  [
    "another port of this machine",
    "POST",
    { origin: "http://localhost:4000", "sec-fetch-site": "same-site" },
  ],
  ["the previewed app", "POST", { origin: "http://127.0.0.1:3000" }],
  ["a sandboxed frame", "DELETE", { origin: "null" }],
  ["another site's image", "GET", { "sec-fetch-site": "cross-site" }],
])("refuses %s", (_title, method, headers) => {
  expect(isRefused(method, headers)).toBe(true);
});

test("a link from another site to a page is followed", () => {
  expect(isRefused("GET", { "sec-fetch-site": "cross-site" }, { path: "/" })).toBe(false);
});

test("answers to names that were allowed", () => {
  const headers = { host: "studio.lan", origin: "http://studio.lan" };
  expect(isRefused("POST", headers)).toBe(true);
  expect(isRefused("POST", headers, { names: ["studio.lan"] })).toBe(false);
});
