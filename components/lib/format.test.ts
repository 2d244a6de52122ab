import { expect, test } from "vitest";
import { countOf, formatAgo, formatBytes, formatDuration } from "./format.ts";

test("a duration is told in the units that matter", () => {
  const texts = [-5, 340, 999.6, 4_240, 59_900, 125_000, 11_400_000].map(formatDuration);
  expect(texts).toEqual(["0 ms", "340 ms", "1000 ms", "4.2 s", "59 s", "2 min 5 s", "3 h 10 min"]);
});

test("a moment is told by how long ago it was", () => {
  const now = Date.UTC(2026, 0, 20);
  const ago = (ms: number) => formatAgo(now - ms, now);
  expect([ago(5_000), ago(300_000), ago(7_200_000), ago(90_000_000), ago(300_000_000)]).toEqual([
    "just now",
    "5 min ago",
    "2 h ago",
    "yesterday",
    "3 days ago",
  ]);
});

test("a size is told in the unit that keeps it short", () => {
  const texts = [0, 512, 3_400, 120_000_000, 2_500_000_000_000].map(formatBytes);
  expect(texts).toEqual(["0 B", "512 B", "3.4 kB", "120 MB", "2.5 TB"]);
});

test("a count has the word in its right number", () => {
  expect([countOf(1, "file"), countOf(0, "file"), countOf(1_200, "line")]).toEqual([
    "1 file",
    "0 files",
    "1,200 lines",
  ]);
});
