import { expect, test } from "vitest";
import { MadeOnce } from "./made-once.ts";

test("is made by the first who asks, for all", async () => {
  const words: string[] = [];
  const once = new MadeOnce(async (word: string) => {
    words.push(word);
    return { word };
  });
  expect(once.current).toBeUndefined();
  const first = once.get("first");
  expect(once.current).toBe(first);
  expect(await once.get("second")).toBe(await first);
  expect(words).toEqual(["first"]);
});

test("is made anew once that has failed, for whoever asks then", async () => {
  let tries = 0;
  const once = new MadeOnce(async () => {
    tries += 1;
    if (tries === 1) throw new Error("not now");
    return tries;
  });
  const failing = [once.get(), once.get()];
  // Already for who hears of it.
  const again = failing[0]!.catch(() => once.get());
  await expect(failing[1]).rejects.toThrow("not now");
  expect(await again).toBe(2);
  expect(await once.get()).toBe(2);
});

test("is made anew when it was let go of, once for all who let go of it", async () => {
  let made = 0;
  const once = new MadeOnce(async () => (made += 1));
  const first = once.get();
  await first;
  once.forget(first);
  const second = once.get();
  once.forget(first);
  expect(once.current).toBe(second);
  expect(await once.get()).toBe(2);
});
