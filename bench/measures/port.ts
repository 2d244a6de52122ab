import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { both, type Measure, milliseconds, percent } from "../measure.ts";
import { interleave, timed } from "../statistics.ts";

const MEGABYTES = 256;

const SERVER = `
  const chunk = Buffer.alloc(1024 * 1024, 120);
  require("node:http").createServer((request, response) => {
    if (request.url === "/hello") return response.end("hello");
    let left = ${MEGABYTES};
    response.setHeader("content-length", left * chunk.length);
    const next = () => {
      while (left-- > 0) if (!response.write(chunk)) return response.once("drain", next);
      response.end();
    };
    next();
  }).listen(Number(process.env.PORT), "127.0.0.1", function () { console.log(this.address().port); });`;

async function download(port: number): Promise<number> {
  const elapsed = await timed(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.byteLength;
    if (bytes !== MEGABYTES * 1024 * 1024) throw new Error(`${bytes} bytes arrived`);
  });
  return MEGABYTES / (elapsed / 1_000);
}

async function newConnection(port: number): Promise<number> {
  return timed(async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString();
    });
    await once(socket, "close");
    if (!answer.endsWith("hello")) throw new Error(`an unexpected answer: ${answer}`);
  });
}

/** A forwarded port against the same server without a sandbox. */
export const port: Measure = {
  name: "port",
  async run({ create, quick }) {
    await using sandbox = await create({ ports: [3_000] });
    const server = await sandbox.runCommand({ cmd: "node", args: ["-e", SERVER], detached: true });
    for await (const { data } of server.logs()) if (data) break;
    // The same server outside of any sandbox.
    const plain = spawn("node", ["-e", SERVER], {
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    using _plain = { [Symbol.dispose]: () => plain.kill() };
    const [line] = (await once(plain.stdout, "data")) as [Buffer];
    const direct = Number(line.toString());
    const forwarded = Number(new URL(sandbox.domain(3_000)).port);
    const flow = await interleave(
      { direct: () => download(direct), forwarded: () => download(forwarded) },
      { rounds: quick ? 2 : 8 },
    );
    const open = await interleave(
      { direct: () => newConnection(direct), forwarded: () => newConnection(forwarded) },
      { rounds: quick ? 50 : 500 },
    );
    const share = flow.forwarded.p50 / flow.direct.p50;
    const more = open.forwarded.p50 - open.direct.p50;
    return [
      {
        what: "forwarded port, throughput",
        baseline: `direct loopback: ${flow.direct.p50.toFixed(0)} MB/s`,
        goal: "≥ 60 %",
        result: `${percent(share)}: ${flow.forwarded.p50.toFixed(0)} MB/s`,
        reached: share >= 0.6,
        numbers: { directMbPerSecond: flow.direct, forwardedMbPerSecond: flow.forwarded, share },
      },
      {
        what: "forwarded port, new connection with one request",
        baseline: `direct loopback: ${both(open.direct)}`,
        goal: "+ ≤ 0.5 ms",
        result: `+ ${milliseconds(more)}: ${both(open.forwarded)}`,
        reached: more <= 0.5,
        numbers: { ...open, moreMs: more },
      },
    ];
  },
};
