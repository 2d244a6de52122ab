import fc from "fast-check";
import { expect, test } from "vitest";
import { HEAD_BYTES, hostName, readRequestHead } from "./request-head.ts";

const read = (text: string) => readRequestHead(Buffer.from(text, "latin1"));
const request = (host: string | undefined) => ({ kind: "request", host });

test("finds the host that a request names", () => {
  expect(read("GET / HTTP/1.1\r\nHost: API.example:8080\r\n\r\n")).toEqual(request("api.example"));
  expect(read("POST /x HTTP/1.0\r\nAccept: */*\r\nhOsT:  a.example. \r\n\r\nbody")).toEqual(
    request("a.example"),
  );
  expect(read("GET / HTTP/1.0\r\n\r\n")).toEqual(request(undefined));
  expect(read("GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n")).toEqual(request("2001:db8::1"));
  expect(read("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n")).toEqual(
    request("a.example"),
  );
});

test("waits for the whole head, but not for ever", () => {
  const head = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
  for (let length = 0; length < head.length; length++) {
    expect(read(head.slice(0, length)), String(length)).toEqual({ kind: "more" });
  }
  expect(read(`GET / HTTP/1.1\r\nx: ${"y".repeat(HEAD_BYTES)}`)).toEqual({ kind: "none" });
});

test("takes nothing for a request that two readers could read in two ways", () => {
  for (const text of [
    "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
    "GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
    "GET / HTTP/1.1\r\nx: y\r\n host: a.example\r\n\r\n",
    "GET /  HTTP/1.1\r\nHost: a.example\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "EHLO a.example\r\n\r\n",
    "get / HTTP/1.1\r\n\r\n",
  ]) {
    expect(read(text), text).toEqual({ kind: "none" });
  }
});

test("a host is a name or an address, or nothing", () => {
  for (const host of [
    "a b",
    "a.example/x",
    "user@a.example",
    "",
    "a.example:x",
    "[::1",
    "a\u0000b",
  ]) {
    expect(hostName(host), host).toBeUndefined();
  }
});

test("never fails, whatever comes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
      expect(["more", "none", "request"]).toContain(read(text).kind);
    }),
  );
});
