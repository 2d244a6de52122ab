import { expect, test } from "vitest";
import { addressIn, pathOf } from "./preview-address.ts";

const base = "http://127.0.0.1:4100/";

test("a path is taken with or without its first slash", () => {
  expect(["books?id=1#top", "/books", "", "  /a "].map((typed) => pathOf(typed, base))).toEqual([
    "/books?id=1#top",
    "/books",
    "/",
    "/a",
  ]);
});

test("whatever is typed, the address stays in the app", () => {
  const typed = ["//evil.example/x", "https://evil.example/x?y", "javascript:alert(1)", "\\\\evil"];
  for (const text of typed) {
    expect(new URL(addressIn(base, text)).origin, text).toBe("http://127.0.0.1:4100");
  }
  expect(pathOf("//evil.example/x", base)).toBe("/evil.example/x");
  expect(pathOf("https://evil.example/x?y", base)).toBe("/x?y");
});
