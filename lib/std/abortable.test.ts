import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { abortable } from "./abortable.ts";

test("gives what the promise gives, with and without a signal", async () => {
  const { signal } = new AbortController();
  expect(await abortable(Promise.resolve(1))).toBe(1);
  expect(await abortable(Promise.resolve(1), signal)).toBe(1);
  const failure = new Error("the promise failed");
  await expect(abortable(Promise.reject(failure))).rejects.toBe(failure);
  await expect(abortable(Promise.reject(failure), signal)).rejects.toBe(failure);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("throws the signal's own reason when it comes first", async () => {
  const controller = new AbortController();
  const waiting = abortable(Promise.withResolvers<never>().promise, controller.signal);
  const reason = { not: "even an error" };
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("does not wait at all when the signal was there before", async () => {
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  await expect(abortable(Promise.resolve(1), signal)).rejects.toBe(reason);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("a failure that comes after the signal is nobody's unhandled one", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  try {
    const late = Promise.withResolvers<never>();
    const reason = new Error("too late");
    await expect(abortable(late.promise, AbortSignal.abort(reason))).rejects.toBe(reason);
    late.reject(new Error("it failed as well"));
    // Node looks for them when all that was due has run.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});

test("listens while it waits, and no longer", async () => {
  const { signal } = new AbortController();
  const gate = Promise.withResolvers<string>();
  const waiting = abortable(gate.promise, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  gate.resolve("done");
  expect(await waiting).toBe("done");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("lets a promise fail unheard after the signal came", async () => {
  const controller = new AbortController();
  const gate = Promise.withResolvers<never>();
  const waiting = abortable(gate.promise, controller.signal);
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  // Were nobody waiting for it any more, the runner would report an unhandled rejection.
  gate.reject(new Error("nobody asks for this now"));
});
