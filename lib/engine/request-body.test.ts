import { expect, test } from "vitest";
import { bodyOf } from "./request-body.ts";

test("a caller that leaves before its body is read is told to whoever reads it, and to nobody else", async () => {
  const { promise: more, reject: leave } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({ pull: () => more });
  const init = { method: "POST", body, duplex: "half" as const };
  const stream = bodyOf(new Request("http://face.test/", init));
  // Not by `once` of node:events, which listens to errors itself.
  const closed = new Promise((resolve) => stream.once("close", resolve));
  leave(new Error("the caller left"));
  await closed;
  await expect(stream.toArray()).rejects.toThrow("the caller left");
});

test("a request without a body has no bytes", async () => {
  expect(await bodyOf(new Request("http://face.test/")).toArray()).toEqual([]);
});
