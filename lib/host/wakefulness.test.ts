import { expect, test } from "vitest";
import { runProgram } from "../testing/run-program.ts";
import { Wakefulness } from "./wakefulness.ts";

const module = new URL("./wakefulness.ts", import.meta.url).href;

/** Runs a program that has nothing to stay alive for but what it waits for. */
async function run(source: string) {
  const program = `
    import { Wakefulness } from ${JSON.stringify(module)};
    const later = (value) => new Promise((done) => setTimeout(done, 100, value).unref());
    const awake = new Wakefulness();
    ${source}
  `;
  return runProgram(["--input-type=module", "--eval", program]);
}

test("keeps a program alive while it waits for an answer, and for the body of one", async () => {
  const ended = await run(`
    console.log(await awake.during(() => later("answer")));
    let pieces = 0;
    const body = new ReadableStream({
      pull: async (controller) => {
        controller.enqueue(new TextEncoder().encode(await later("piece ")));
        if (++pieces === 2) controller.close();
      },
    });
    console.log(await awake.whileRead(new Response(body)).text());
  `);
  expect(ended).toEqual({ exitCode: 0, stdout: "answer\npiece piece \n", stderr: "" });
});

test("does not keep it alive for a body that nobody reads, nor afterwards", async () => {
  const ended = await run(`
    awake.whileRead(new Response(new ReadableStream({ pull: () => new Promise(() => {}) })));
    await awake.during(() => later(""));
    console.log(awake.waiting);
  `);
  expect(ended).toEqual({ exitCode: 0, stdout: "0\n", stderr: "" });
});

test("passes everything on: status, headers, a failure, a reader who leaves", async () => {
  const awake = new Wakefulness();
  const answer = awake.whileRead(new Response("text", { status: 201, headers: { "x-a": "b" } }));
  expect([answer.status, answer.headers.get("x-a"), await answer.text()]).toEqual([
    201,
    "b",
    "text",
  ]);
  expect(awake.whileRead(new Response(null, { status: 204 })).status).toBe(204);
  const failing = new ReadableStream({ pull: () => Promise.reject(new Error("broken")) });
  await expect(awake.whileRead(new Response(failing)).text()).rejects.toThrow("broken");
  const left = Promise.withResolvers<unknown>();
  const endless = new ReadableStream({ cancel: left.resolve });
  await awake.whileRead(new Response(endless)).body!.cancel("enough");
  expect(await left.promise).toBe("enough");
  expect(awake.waiting).toBe(0);
});
