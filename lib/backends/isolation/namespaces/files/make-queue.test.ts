import { expect, test } from "vitest";
import { MakeQueue } from "./make-queue.ts";
import type { NewThing } from "./maker-message.ts";

/** What was sent so far, each to be answered by the test. */
function scripted() {
  const sent: (PromiseWithResolvers<(Error | undefined)[]> & { names: string[] })[] = [];
  const queue = new MakeQueue((things) => {
    const answer = Promise.withResolvers<(Error | undefined)[]>();
    sent.push({ ...answer, names: things.map(({ name }) => name) });
    return answer.promise;
  });
  return { queue, sent };
}

function thing(name: string, bytes = 1): NewThing {
  return { directoryFd: 3, name, mode: 0o644, content: new Uint8Array(bytes) };
}

test("the first does not wait for company, and those that come meanwhile go together, in order", async () => {
  const { queue, sent } = scripted();
  const made = Array.from({ length: 6 }, (_, index) => queue.make(thing(`${index}`)));
  expect(sent.map(({ names }) => names)).toEqual([["0"], ["1"]]);
  sent[0]?.resolve([undefined]);
  await made[0];
  expect(sent.at(-1)?.names).toEqual(["2", "3", "4", "5"]);
  sent[1]?.resolve([undefined]);
  sent[2]?.resolve([undefined, undefined, undefined, undefined]);
  await Promise.all(made);
});

test("each is told of its own failure", async () => {
  const { queue, sent } = scripted();
  const first = queue.make(thing("first"));
  const second = queue.make(thing("second"));
  const rest = Promise.allSettled([queue.make(thing("third")), queue.make(thing("fourth"))]);
  sent[0]?.resolve([undefined]);
  await first;
  sent[2]?.resolve([new Error("of the third"), undefined]);
  expect(await rest).toMatchObject([
    { status: "rejected", reason: { message: "of the third" } },
    { status: "fulfilled" },
  ]);
  sent[1]?.reject(new Error("the maker has ended"));
  await expect(second).rejects.toThrow("the maker has ended");
  // What comes later is sent all the same.
  const later = queue.make(thing("later"));
  sent[3]?.resolve([undefined]);
  await later;
});

test("no message is longer than a maker should be busy with, but for one large file", async () => {
  const { queue, sent } = scripted();
  const half = 300 * 1024;
  const made = ["a", "b", "c", "d"].map((name) => queue.make(thing(name, half)));
  const huge = queue.make(thing("huge", 4 * half));
  for (let turn = 0; turn < 5; turn++) {
    sent[turn]?.resolve([undefined]);
    await sent[turn]?.promise;
    await new Promise(setImmediate);
  }
  expect(sent.map(({ names }) => names.length)).toEqual([1, 1, 1, 1, 1]);
  await Promise.all([...made, huge]);
});
