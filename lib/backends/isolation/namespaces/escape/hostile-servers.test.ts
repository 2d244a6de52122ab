import { once } from "node:events";
import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Root } from "../../../../engine/ports.ts";
import { IsolationBench, untilOutput } from "../../../../testing/isolation-bench.ts";
import { localHostPorts } from "../../../../testing/local-host-ports.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();
const reason = await whyNoNamespaces();
const PORT = 3000;
const MB = 1024 * 1024;

/** A sandbox whose port is reached by one of the host's. */
async function exposed(bench: IsolationBench): Promise<{ root: Root; hostPort: number }> {
  const listener = await localHostPorts().listen({});
  bench.onEnd(() => listener[Symbol.asyncDispose]());
  const { port: hostPort, server } = listener;
  const root = await bench.prepare({ ports: [{ port: PORT, hostPort }] });
  const forward = root.forward({ port: PORT, hostPort, server });
  bench.onEnd(() => forward[Symbol.asyncDispose]());
  return { root, hostPort };
}

/** Runs the text for Node inside, until it says that it listens; its port is `PORT`. */
async function serve(bench: IsolationBench, root: Root, text: string, port: number = PORT) {
  const program = `${text}.listen(${port}, () => console.log("listening"));`;
  const running = await bench.start(root, ["node", "-e", program]);
  await untilOutput(running.directory, "listening");
  return running;
}

async function dial(bench: IsolationBench, port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined); // `close` follows.
  bench.onEnd(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

const KIND = `require("node:http").createServer((_, answer) => answer.end("kind"))`;
const served = (hostPort: number) =>
  fetch(`http://127.0.0.1:${hostPort}/`).then((answer) => answer.text());

describe.skipIf(reason !== undefined)(
  `a hostile server${reason ? ` (not here: ${reason})` : ""}`,
  () => {
    test("gets what it says to its own client alone, as it is: nobody on the way takes it for HTTP", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const { root, hostPort } = await exposed(bench);
      // Two answers to one request, a length that lies, and a request for whoever would take it for one.
      const said = [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nset-cookie: smuggled\r\ncontent-length: 8\r\n\r\nsmuggled",
        "GET /v2/sandboxes HTTP/1.1\r\nhost: localhost\r\n\r\n",
      ].join("");
      await serve(
        bench,
        root,
        `require("node:net").createServer((socket) => socket.once("data", () => socket.end(${JSON.stringify(said)})))`,
      );
      const first = await dial(bench, hostPort);
      const second = await dial(bench, hostPort);
      first.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
      expect(await text(first)).toBe(said);
      // What is left over of one connection is not the beginning of another's answer.
      expect(second.readableLength).toBe(0);
      second.write("x");
      expect(await text(second)).toBe(said);
    });

    test("that sends headers without end is held up as soon as its client takes no more", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const { root, hostPort } = await exposed(bench);
      const other = await exposed(bench);
      await serve(bench, other.root, KIND);
      const flood = await serve(
        bench,
        root,
        `const piece = "x-flood: " + "x".repeat(65_000) + "\\r\\n";
         require("node:net").createServer((socket) => {
           socket.on("error", () => {}).write("HTTP/1.1 200 OK\\r\\n");
           let sent = 0; let told;
           const go = () => {
             do sent += piece.length; while (socket.write(piece));
             clearTimeout(told); told = setTimeout(() => console.log("held up after " + sent), 1_000);
           };
           socket.on("drain", go); go();
         })`,
      );
      const client = await dial(bench, hostPort);
      client.pause();
      const heldUp = await untilSaid(flood.directory, /held up after (\d+)/);
      // What the sockets on the way hold, and not what the engine would have to.
      expect(Number(heldUp)).toBeLessThan(64 * MB);
      expect(await served(other.hostPort)).toBe("kind");
    });

    test("that answers nobody keeps neither others nor its own sandbox's other port waiting", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const { root, hostPort } = await exposed(bench);
      const other = await exposed(bench);
      await serve(bench, other.root, KIND);
      await serve(
        bench,
        root,
        `require("node:net").createServer((socket) => socket.on("error", () => {}))`,
      );
      const waiting = await Promise.all(Array.from({ length: 300 }, () => dial(bench, hostPort)));
      for (const socket of waiting) socket.write("GET / HTTP/1.1\r\n");
      expect(await served(other.hostPort)).toBe("kind");
      expect((await bench.sh(root, "echo alive")).stdout).toBe("alive\n");
    });

    test("that takes every port it can is met by its own sandbox's clients only", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const squatter = await exposed(bench);
      const other = await exposed(bench);
      const all = [PORT, PORT + 1, squatter.hostPort, other.hostPort].join(", ");
      const program = `let open = 0; for (const port of [${all}]) for (const host of ["0.0.0.0", "::1"])
        require("node:net").createServer((socket) => socket.end("squatted")).on("error", () => {}).on("listening", () => ++open === 6 && console.log("listening")).listen({ port, host })`;
      const running = await bench.start(squatter.root, ["node", "-e", program]);
      await untilOutput(running.directory, "listening");
      // Nobody has the port there: the host says so, and does not lead to the squatter.
      expect(await served(other.hostPort)).toContain("SANDBOX_NOT_LISTENING");
      await serve(bench, other.root, KIND);
      expect(await served(other.hostPort)).toBe("kind");
      expect(await text(await dial(bench, squatter.hostPort))).toBe("squatted");
      // Where its own other program would have listened, it is told so as on any machine.
      const late = await bench.run(squatter.root, [
        "node",
        "-e",
        `require("node:net").createServer().on("error", (error) => console.log(error.code)).listen(${PORT}, "0.0.0.0")`,
      ]);
      expect(late.stdout).toBe("EADDRINUSE\n");
    });
  },
);

/** What the words' parentheses hold, once they are in a command's output. */
async function untilSaid(directory: string, words: RegExp): Promise<string> {
  const changes = watch(directory);
  try {
    while (true) {
      const changed = once(changes, "change");
      const found = words.exec(await readFile(join(directory, "stdout"), "utf8"));
      if (found) return found[1] ?? "";
      await changed;
    }
  } finally {
    changes.close();
  }
}
