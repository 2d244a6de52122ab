import fc from "fast-check";
import { expect, test } from "vitest";
import { CallerFrame, CARRIER_LIMITS, HostFrame } from "../../contract/carrier.ts";
import { SandboxError } from "../../contract/errors.ts";
import { CarrierClient } from "./carrier-client.ts";
import { CarrierServer } from "./carrier-server.ts";
import { FrameQueue } from "./frame-queue.ts";

type Handle = (request: Request) => Promise<Response>;

/** Both ends, with two logs of text records between them. */
function connected(handle: Handle) {
  const records: number[] = [];
  const busy: boolean[] = [];
  const failures: unknown[] = [];
  const carry =
    <Frame>(read: (value: unknown) => Frame, to: (frame: Frame) => void) =>
    async (frames: unknown[]): Promise<void> => {
      const text = JSON.stringify(frames);
      records.push(text.length);
      // Logs answer some time later.
      await new Promise((resolve) => setImmediate(resolve));
      for (const frame of JSON.parse(text) as unknown[]) to(read(frame));
    };
  const broken = (error: unknown): void => void failures.push(error);
  const toHost = new FrameQueue<CallerFrame>({
    write: carry(CallerFrame.parse, (frame) => server.receive(frame)),
    broken,
  });
  const toCaller = new FrameQueue<HostFrame>({
    write: carry(HostFrame.parse, (frame) => {
      if (frame.kind !== "closed") client.receive(frame);
    }),
    broken,
  });
  const client = new CarrierClient({
    send: (frame) => toHost.push(frame),
    busy: (is) => void busy.push(is),
  });
  const server = new CarrierServer({ handle, send: (frame) => toCaller.push(frame) });
  const settled = async (): Promise<void> => {
    await toHost.flushed();
    await toCaller.flushed();
  };
  return { client, server, records, busy, failures, settled };
}

/** A stream of so many pieces, and how many of them were taken from it. */
function counted(pieces: number, bytes: number) {
  const state = { made: 0, cancelled: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.made === pieces) return controller.close();
        controller.enqueue(new Uint8Array(bytes).fill(state.made++ % 251));
      },
      cancel: (reason) => void (state.cancelled = reason),
    },
    { highWaterMark: 0 },
  );
  return { state, stream };
}

const echo: Handle = async (request) =>
  new Response(await request.bytes(), {
    status: 201,
    headers: {
      "x-was": `${request.method} ${new URL(request.url).pathname}${new URL(request.url).search}`,
      "x-sent": request.headers.get("x-sent") ?? "",
    },
  });

test("carries a request and its answer as they are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
      const { client } = connected(echo);
      const response = await client.fetch("/v2/sandboxes?limit=1", {
        method: "POST",
        headers: { "x-sent": "yes" },
        body: new Uint8Array(bytes),
      });
      expect(response.status).toBe(201);
      expect(response.headers.get("x-was")).toBe("POST /v2/sandboxes?limit=1");
      expect(response.headers.get("x-sent")).toBe("yes");
      expect(await response.bytes()).toEqual(new Uint8Array(bytes));
    }),
    { numRuns: 50 },
  );
});

test("needs one record each way for a small call", async () => {
  const { client, records } = connected(async () => Response.json({ sandboxes: [] }));
  const response = await client.fetch("/v2/sandboxes", { method: "POST", body: "{}" });
  expect(await response.json()).toEqual({ sandboxes: [] });
  expect(records).toHaveLength(2);
});

test("carries megabytes both ways in order, in records below the platform's limit", async () => {
  const { client, records } = connected(async (request) => new Response(request.body));
  const sent = counted(100, 90_000);
  const response = await client.fetch("/", {
    method: "POST",
    body: sent.stream,
    duplex: "half",
  });
  const back = await response.bytes();
  expect(back.length).toBe(9_000_000);
  expect([...Array(100).keys()].every((piece) => back[piece * 90_000] === piece)).toBe(true);
  expect(Math.max(...records)).toBeLessThan(1_000_000);
});

test("gives a streamed answer piece by piece, while it is being made", async () => {
  const lines = new TransformStream<Uint8Array, Uint8Array>();
  const writer = lines.writable.getWriter();
  const { client } = connected(async () => new Response(lines.readable));
  const response = await client.fetch("/logs");
  const reader = response.body!.getReader();
  for (const line of ["one", "two"]) {
    void writer.write(new TextEncoder().encode(line));
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe(line);
  }
  void writer.close();
  expect((await reader.read()).done).toBe(true);
});

test("takes no more of an answer than a window while its reader reads nothing", async () => {
  const { stream, state } = counted(200, 64 * 1024);
  const { client, settled } = connected(async () => new Response(stream));
  const response = await client.fetch("/logs");
  await settled();
  const held = state.made * 64 * 1024;
  expect(held).toBeGreaterThanOrEqual(CARRIER_LIMITS.windowBytes);
  expect(held).toBeLessThanOrEqual(CARRIER_LIMITS.windowBytes + 2 * 64 * 1024);
  expect((await response.bytes()).length).toBe(200 * 64 * 1024);
});

test("takes no more of an upload than a window while the engine reads nothing", async () => {
  const open = Promise.withResolvers<void>();
  const { stream, state } = counted(200, 64 * 1024);
  const { client, settled } = connected(async (request) => {
    await open.promise;
    return Response.json((await request.bytes()).length);
  });
  const answer = client.fetch("/", { method: "POST", body: stream, duplex: "half" });
  await settled();
  expect(state.made * 64 * 1024).toBeLessThanOrEqual(CARRIER_LIMITS.windowBytes + 2 * 64 * 1024);
  open.resolve();
  expect(await (await answer).json()).toBe(200 * 64 * 1024);
});

test("tells the engine when the caller leaves, and the caller why", async () => {
  const signals: AbortSignal[] = [];
  const { client, settled, busy } = connected(async ({ signal }) => {
    signals.push(signal);
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  });
  const caller = new AbortController();
  const answer = client.fetch("/", { signal: caller.signal });
  await settled();
  const reason = new Error("enough");
  caller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  await settled();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(busy).toEqual([true, false]);
});

test("stops an answer whose reader cancels it", async () => {
  const { stream, state } = counted(200, 64 * 1024);
  const { client, server, settled } = connected(async () => new Response(stream));
  const response = await client.fetch("/logs");
  await response.body!.cancel("seen enough");
  await settled();
  expect(state.cancelled).toBeInstanceOf(DOMException);
  expect(server.answering).toBe(0);
  expect(client.waiting).toBe(0);
});

test("ends an upload when its answer comes before it was all sent", async () => {
  const { stream, state } = counted(200, 64 * 1024);
  const { client, settled } = connected(async () => new Response("too large", { status: 413 }));
  const response = await client.fetch("/", { method: "POST", body: stream, duplex: "half" });
  expect(response.status).toBe(413);
  expect(await response.text()).toBe("too large");
  await settled();
  expect(state.cancelled).toBeDefined();
  expect(client.waiting).toBe(0);
});

test("carries an error of the engine's side, before the head and after it", async () => {
  const refused = connected(async () => {
    throw new SandboxError("sandbox_stopped", "It has stopped.");
  });
  await expect(refused.client.fetch("/")).rejects.toMatchObject({
    code: "sandbox_stopped",
    message: "It has stopped.",
  });
  const cut = connected(
    async () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.error(new Error("cut")) }),
      ),
  );
  const response = await cut.client.fetch("/");
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toMatchObject({ code: "internal", message: "cut" });
});

test("fails whatever waits when there is nobody any more who would answer", async () => {
  const never = connected(async (request) => {
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    throw request.signal.reason;
  });
  const lost = new SandboxError("engine_unavailable", "The run has ended.");
  const first = never.client.fetch("/");
  const second = never.client.fetch("/", { method: "POST", body: "x" });
  await never.settled();
  never.client.fail(lost);
  await expect(first).rejects.toBe(lost);
  await expect(second).rejects.toBe(lost);
  expect(never.busy).toEqual([true, false]);
});

test("tells every caller why, when the host ends", async () => {
  const { client, server, settled } = connected(
    async ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const answer = client.fetch("/");
  await settled();
  server.close(new SandboxError("sandbox_stopped", "The host's run was cancelled."));
  await expect(answer).rejects.toMatchObject({ code: "sandbox_stopped" });
  expect(server.answering).toBe(0);
});

test("writes nothing more once its log is broken, and says so once", async () => {
  const broken: unknown[] = [];
  const written: unknown[] = [];
  const queue = new FrameQueue<{ kind: string }>({
    async write(frames, number) {
      if (number === 1) throw new Error("no log");
      written.push(...frames);
    },
    broken: (error) => void broken.push(error),
  });
  queue.push({ kind: "a" });
  queue.push({ kind: "b" });
  await queue.flushed();
  queue.push({ kind: "c" });
  await queue.flushed();
  queue.push({ kind: "d" });
  await queue.flushed();
  expect(written).toEqual([{ kind: "a" }, { kind: "b" }]);
  expect(broken).toEqual([new Error("no log")]);
});
