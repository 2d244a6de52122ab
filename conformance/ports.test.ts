import { createHash, randomBytes } from "node:crypto";
import type { Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport } from "./harness.ts";
import { proves } from "./proves.ts";
import { waitForOutput } from "./texts.ts";

/** Answers with its text, an upload's hash, a slow stream, or an echo by WebSocket frames. */
const SERVER = `
  const { createServer } = require("node:http");
  const { createHash } = require("node:crypto");
  const [text, ...ports] = process.argv.slice(2);
  for (const port of ports.length ? ports : [process.env.PORT]) {
    const server = createServer(async (request, response) => {
      if (request.url === "/hash") {
        const hash = createHash("sha256");
        for await (const chunk of request) hash.update(chunk);
        return response.end(hash.digest("hex"));
      }
      if (request.url === "/slow") {
        response.write("first");
        return server.once("finish", () => response.end("last"));
      }
      if (request.url === "/finish") server.emit("finish");
      response.end(text + " " + port);
    });
    server.on("upgrade", (request, socket) => {
      const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
      const accept = createHash("sha1").update(key).digest("base64");
      socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n" +
        "Connection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
      socket.once("data", (frame) => {
        const length = frame[1] & 127, mask = frame.subarray(2, 6);
        const data = Buffer.from(frame.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]));
        socket.write(Buffer.concat([Buffer.from([0x81, length]), data]));
      });
    });
    server.listen(port, () => console.log("listening on " + port));
  }`;

async function serve(sandbox: Sandbox, ...args: string[]): Promise<void> {
  await sandbox.writeFiles([{ path: "server.cjs", content: SERVER }]);
  const command = await sandbox.runCommand({
    cmd: "node",
    args: ["server.cjs", ...args],
    detached: true,
  });
  await waitForOutput(command, "listening on");
}

/** A path of what is at the URL, which may bear a query that leads there. */
function below(url: string, path: string): URL {
  const whole = new URL(url);
  whole.pathname = path;
  return whole;
}

forEachTransport((connection) => {
  describe("ports", () => {
    proves("PRT-001")("are those that the program was told", async () => {
      await using sandbox = await connection().create({ ports: [3_000, 4_000] });
      await serve(sandbox, "hello", "3000", "4000");
      for (const port of [3_000, 4_000]) {
        const response = await fetch(sandbox.domain(port));
        expect(response.status).toBe(200);
        expect(await response.text()).toBe(`hello ${port}`);
      }
    });

    proves("PRT-002", "PRT-003")("lead to what listens on PORT", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      await serve(sandbox, "by PORT");
      const response = await fetch(sandbox.domain(3_000));
      expect(await response.text()).toMatch(/^by PORT \d+$/);
      expect(() => sandbox.domain(9_999)).toThrow("No route for port 9999");
    });

    proves("PRT-004")("answer 502 with a page while nothing listens", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      const response = await fetch(sandbox.domain(3_000), { headers: { accept: "text/html" } });
      expect(response.status).toBe(502);
      const page = await response.text();
      expect(page).toContain("3000");
      expect(page.toLowerCase()).toContain("listen");
    });

    proves("PRT-005")("keep their URL across stop and resume", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      const before = sandbox.domain(3_000);
      await sandbox.stop();
      await serve(sandbox, "again");
      expect(sandbox.domain(3_000)).toBe(before);
      expect(await (await fetch(before)).text()).toMatch(/^again/);
    });

    proves("PRT-006")("pass WebSockets", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      await serve(sandbox, "socket");
      const socket = new WebSocket(sandbox.domain(3_000).replace(/^http/, "ws"));
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      socket.addEventListener("open", () => socket.send("through the port"));
      socket.addEventListener("message", ({ data }) => resolve(data));
      socket.addEventListener("error", () => reject(new Error("the socket failed")));
      expect(await promise).toBe("through the port");
      socket.close();
    });

    proves("PRT-007")("may be the same in two sandboxes", async () => {
      await using first = await connection().create({ ports: [3_000] });
      await using second = await connection().create({ ports: [3_000] });
      await serve(first, "first", "3000");
      await serve(second, "second", "3000");
      expect(await (await fetch(first.domain(3_000))).text()).toBe("first 3000");
      expect(await (await fetch(second.domain(3_000))).text()).toBe("second 3000");
    });

    proves("PRT-008")("stream what is answered", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      await serve(sandbox, "stream");
      const url = sandbox.domain(3_000);
      const response = await fetch(below(url, "/slow"));
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader?.read())?.value).toBe("first");
      await fetch(below(url, "/finish"));
      expect((await reader?.read())?.value).toBe("last");
    });

    proves("PRT-009")("are closed when the sandbox is deleted", async () => {
      const sandbox = await connection().create({ ports: [3_000] });
      const url = sandbox.domain(3_000);
      expect((await fetch(url)).status).toBe(502);
      await sandbox.delete();
      await expect(fetch(url)).rejects.toThrow("fetch failed");
    });

    proves("PRT-010")("take large uploads", async () => {
      await using sandbox = await connection().create({ ports: [3_000] });
      await serve(sandbox, "upload");
      const body = randomBytes(16 * 1024 * 1024);
      const response = await fetch(below(sandbox.domain(3_000), "/hash"), { method: "POST", body });
      expect(await response.text()).toBe(createHash("sha256").update(body).digest("hex"));
    });
  });
});
