import { spawn } from "node:child_process";
import { Sandbox as VendorSandbox } from "@vercel/sandbox";
import { sharedTransport } from "sandlot/host";
import { type Measure, percent } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const MEGABYTES = 96;
const BYTES = MEGABYTES * 1024 * 1024;
const LINE = `${"log line ".repeat(11)}\n`;
const SCRIPT = `yes '${LINE.trimEnd()}' | head -c ${BYTES}`;
const PIECE = LINE.repeat(600);

type Reader = () => Promise<number>;

/** Megabytes per second of one reading to the end; fails when not all of it came. */
async function speed(read: Reader): Promise<number> {
  let bytes = 0;
  const elapsedMs = await timed(async () => {
    bytes = await read();
  });
  if (bytes !== BYTES) throw new Error(`${bytes} of ${BYTES} bytes arrived`);
  return MEGABYTES / (elapsedMs / 1_000);
}

/** A log of this size as the API sends it, made from memory: what the vendor's client itself can take. */
function cannedLog(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const piece = encoder.encode(`${JSON.stringify({ stream: "stdout", data: PIECE })}\n`);
  let left = BYTES;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      const whole = left >= PIECE.length;
      const data = PIECE.slice(0, left);
      controller.enqueue(
        whole ? piece : encoder.encode(`${JSON.stringify({ stream: "stdout", data })}\n`),
      );
      left -= data.length;
    },
  });
}

/** How fast a command's output reaches the caller. */
export const logThroughput: Measure = {
  name: "log-throughput",
  async run({ engine, create, quick }) {
    await using sandbox = await create();
    const own = await engine.sandboxes.create({ persistent: false });
    const { id: sessionId } = own.session;
    // A command of the vendor's unmodified class whose log comes out of memory.
    const ended = await sandbox.runCommand("true");
    const fromMemory = await VendorSandbox.get({
      name: sandbox.name,
      token: "any",
      teamId: "team_any",
      projectId: "prj_any",
      fetch: async (input, init) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input);
        return pathname.endsWith("/logs")
          ? new Response(cannedLog(), { headers: { "content-type": "application/x-ndjson" } })
          : sharedTransport().fetch(pathname.replace(/^\/api/, "/vercel"), init as object);
      },
    });
    const canned = await fromMemory.getCommand(ended.cmdId);

    const readers = {
      async pipe() {
        let bytes = 0;
        const child = spawn("sh", ["-c", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
        child.stdout.setEncoding("utf8");
        for await (const text of child.stdout) bytes += String(text).length;
        return bytes;
      },
      async client() {
        let bytes = 0;
        for await (const { data } of canned.logs()) bytes += data.length;
        return bytes;
      },
      async engine() {
        let bytes = 0;
        const args = ["-c", SCRIPT];
        const { id } = await engine.commands.start(sessionId, { cmd: "sh", args });
        for await (const { data } of engine.commands.output(sessionId, id)) bytes += data.length;
        return bytes;
      },
      async sdk() {
        let bytes = 0;
        const args = ["-c", SCRIPT];
        const command = await sandbox.runCommand({ cmd: "sh", args, detached: true });
        for await (const { data } of command.logs()) bytes += data.length;
        return bytes;
      },
    } satisfies Record<string, Reader>;
    const found = await interleave(
      {
        pipe: () => speed(readers.pipe),
        client: () => speed(readers.client),
        engine: () => speed(readers.engine),
        sdk: () => speed(readers.sdk),
      },
      { rounds: quick ? 2 : 8 },
    );
    await engine.sandboxes.delete(own.sandbox.name);
    const share = found.sdk.p50 / found.pipe.p50;
    const whole = (value: number) => `${value.toFixed(0)} MB/s`;
    return [
      {
        what: "log throughput to the caller",
        baseline: `raw pipe: ${whole(found.pipe.p50)}`,
        goal: "≥ 50 %",
        result: `${percent(share)}: ${whole(found.sdk.p50)}; engine-side ${whole(found.engine.p50)}; the vendor's client alone, from memory, ${whole(found.client.p50)}`,
        reached: share >= 0.5,
        numbers: { ...found, share },
      },
    ];
  },
};
