import { expect, test } from "vitest";
import { readContent } from "./file-content.ts";

test("an empty file is text, and can be edited", () => {
  expect(readContent("a.txt", new Uint8Array())).toEqual({ kind: "text", text: "" });
});

test("text is kept to the byte, its mark at the beginning included", () => {
  const bytes = new TextEncoder().encode("\uFEFFgrüße\r\n");
  const content = readContent("a.txt", bytes);
  expect(content.kind === "text" && new TextEncoder().encode(content.text)).toEqual(bytes);
});

test("bytes that are no UTF-8, or hold a zero, are not edited", () => {
  expect(readContent("a.txt", new Uint8Array([0xff, 0xfe, 0x41]))).toEqual({
    kind: "binary",
    sizeBytes: 3,
  });
  expect(readContent("a.out", new Uint8Array([65, 0, 66])).kind).toBe("binary");
});

test("an image is shown as one, and what is too large is not opened", () => {
  expect(readContent("logo.PNG", new Uint8Array([1]))).toEqual({
    kind: "image",
    type: "image/png",
  });
  expect(readContent("big.log", new Uint8Array(3 * 1024 * 1024)).kind).toBe("large");
});
