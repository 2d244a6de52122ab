import { expect, test } from "vitest";
import { styledLines, terminalPicture } from "./terminal-picture.ts";

test("cuts a recording into lines that know when they began and how they look", () => {
  const lines = styledLines([
    { atMs: 0, data: "\u001b[1mbold\u001b[22m plain\r\n" },
    { atMs: 5, data: "\u001b[32mgre" },
    { atMs: 9, data: "en\u001b[39m\n\nlast" },
  ]);
  expect(lines).toEqual([
    {
      atMs: 0,
      spans: [
        { text: "bold", classes: ["bold"] },
        { text: " plain", classes: [] },
      ],
    },
    {
      atMs: 5,
      spans: [
        { text: "gre", classes: ["green"] },
        { text: "en", classes: ["green"] },
      ],
    },
    { atMs: 9, spans: [] },
    { atMs: 9, spans: [{ text: "last", classes: [] }] },
  ]);
});

test("reads a colour whose sequence was cut in two, and leaves out other sequences", () => {
  const lines = styledLines([
    { atMs: 0, data: "a\u001b[3" },
    { atMs: 1, data: "1mb\u001b[0m\u001b[?25lc" },
  ]);
  expect(lines).toEqual([
    {
      atMs: 0,
      spans: [
        { text: "a", classes: [] },
        { text: "b", classes: ["red"] },
        { text: "c", classes: [] },
      ],
    },
  ]);
});

test("draws what the terminal showed as text, never as markup", () => {
  const picture = terminalPicture([{ atMs: 0, data: '<script>"&\n' }], {
    title: "t",
    description: "d",
  });
  expect(picture).toContain("&#60;script&#62;&#34;&#38;</text>");
  expect(picture).not.toContain("<script");
});

test("shows a long recording in eight seconds", () => {
  const picture = terminalPicture(
    [
      { atMs: 0, data: "a\n" },
      { atMs: 80_000, data: "b\n" },
    ],
    { title: "t", description: "d" },
  );
  expect(picture).toContain("animation-delay:8000ms");
});
