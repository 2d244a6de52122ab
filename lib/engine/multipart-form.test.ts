import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { LIMITS } from "../contract/limits.ts";
import { readForm } from "./multipart-form.ts";

const contentType = "multipart/form-data; boundary=xyz";
const field = (name: string, value: string) =>
  `--xyz\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, fileName: string, content: string) =>
  `--xyz\r\ncontent-disposition: form-data; name="${name}"; filename="${fileName}"\r\n\r\n${content}\r\n`;

async function read(...parts: string[]) {
  const seen: { fileName: string | undefined; content: string; fields: object }[] = [];
  const body = Readable.from([Buffer.from(`${parts.join("")}--xyz--\r\n`)]);
  const isFile = (name: string) => name === "file";
  for await (const { fileName, fields, content } of readForm(body, { contentType, isFile })) {
    seen.push({ fileName, content: await text(content), fields: Object.fromEntries(fields) });
  }
  return seen;
}

test("a form gives its files in order, each with at least the fields before it", async () => {
  const longest = "p".repeat(LIMITS.pathLength);
  const form = [
    field("first", "one"),
    file("file", "a/b.txt", "first"),
    file("other", "c.txt", "passed over"),
    field("longest", longest),
    file("file", "d.txt", "second"),
  ];
  expect(await read(...form)).toEqual([
    { fileName: "a/b.txt", content: "first", fields: expect.objectContaining({ first: "one" }) },
    { fileName: "d.txt", content: "second", fields: { first: "one", longest } },
  ]);
});

test("a form with a field that is too long is refused, and not taken with a part of it", async () => {
  const tooLong = field("path", "p".repeat(LIMITS.pathLength + 1));
  await expect(read(tooLong, file("file", "a.txt", "content"))).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringContaining(`${LIMITS.pathLength} bytes in a field`),
  });
});

test("what is no form, or only the beginning of one, is refused", async () => {
  const isFile = () => true;
  const all = async (body: string, type = contentType) => {
    for await (const { content } of readForm(Readable.from([body]), { contentType: type, isFile }))
      await text(content);
  };
  for (const broken of [
    all(`${file("file", "a", "content")}--xy`),
    all("", "multipart/form-data"),
    all("no form"),
  ]) {
    await expect(broken).rejects.toMatchObject({ code: "invalid_request" });
  }
});
