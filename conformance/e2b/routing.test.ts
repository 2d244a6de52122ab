import { once } from "node:events";
import { expect } from "vitest";
import { WebSocket } from "ws";
import { proves } from "../proves.ts";
import { type Disposing, type E2b, forE2b } from "./harness.ts";

// Tells what it was asked, echoes what comes by WebSocket (text below 126 bytes), tells when it listens.
const SERVER = `
const http = require("node:http"), crypto = require("node:crypto");
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.setHeader("x-from", "inside");
    response.statusCode = 201;
    response.end(JSON.stringify({ method: request.method, url: request.url, host: request.headers.host,
      token: request.headers["e2b-traffic-access-token"] ?? null, body: Buffer.concat(chunks).toString() }));
  });
});
server.on("upgrade", (request, socket) => {
  const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = crypto.createHash("sha1").update(key).digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n" +
    "Sec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
  socket.on("data", (frame) => {
    const length = frame[1] & 127, mask = frame.subarray(2, 6);
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]));
    if ((frame[0] & 15) === 1) socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  });
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log("listening"));
`;

async function serve(sandbox: Disposing): Promise<void> {
  await sandbox.files.write("server.js", SERVER);
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  await sandbox.commands.run("node server.js", {
    background: true,
    timeoutMs: 0,
    onStdout: (text) => {
      if (text.includes("listening")) resolve();
    },
  });
  await listening;
}

/** A request to a port of a sandbox, routed as the client routes its own. */
async function ask(
  { environment }: E2b,
  { id, port, path = "/", ...init }: RequestInit & { id: string; port: number; path?: string },
) {
  const headers = new Headers(init.headers);
  headers.set("e2b-sandbox-id", id);
  headers.set("e2b-sandbox-port", String(port));
  const response = await fetch(`${environment["E2B_SANDBOX_URL"]}${path}`, { ...init, headers });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

forE2b((e2b) => {
  proves("E2B-131")("whatever listens in a sandbox is reached by its port", async () => {
    await using sandbox = await e2b().create();
    const id = sandbox.sandboxId;
    await serve(sandbox);
    const put = { path: "/a?b=c", method: "PUT", body: "hello" };
    const answer = await ask(e2b(), { id, port: 8080, ...put });
    expect(answer).toMatchObject({
      status: 201,
      json: { method: "PUT", url: "/a?b=c", body: "hello" },
    });
    expect(answer.headers.get("x-from")).toBe("inside");
    expect(await ask(e2b(), { id, port: 70_000 })).toMatchObject({ status: 400 });

    const url = e2b().environment["E2B_SANDBOX_URL"]?.replace(/^http/, "ws") ?? "";
    const socket = new WebSocket(`${url}/echo`, {
      headers: { "e2b-sandbox-id": id, "e2b-sandbox-port": "8080" },
    });
    await once(socket, "open");
    socket.send("over and over");
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(data.toString()).toBe("over and over");
    socket.terminate();
  });

  proves("E2B-133", "E2B-134")("a sandbox may be closed to the public", async () => {
    await using sandbox = await e2b().create({
      network: { allowPublicTraffic: false, maskRequestHost: "localhost:${PORT}" },
    });
    await using other = await e2b().create({ network: { allowPublicTraffic: false } });
    const id = sandbox.sandboxId;
    const withToken = (token: string | undefined) =>
      ask(e2b(), { id, port: 8080, headers: { "e2b-traffic-access-token": token ?? "" } });
    // The client needs no such token for what it does itself.
    await serve(sandbox);
    expect(await withToken(undefined)).toMatchObject({ status: 403, json: { code: 403 } });
    expect(await withToken(other.trafficAccessToken)).toMatchObject({ status: 403 });
    // The token was meant for the gate: the program inside does not see it.
    expect(await withToken(sandbox.trafficAccessToken)).toMatchObject({
      status: 201,
      json: { host: "localhost:8080", token: null },
    });
  });

  proves("E2B-135")("a sandbox's services open to nobody without its own token", async () => {
    await using sandbox = await e2b().create();
    await using other = await e2b().create();
    const tokenOf = async (id: string) => {
      const detail = (await (await e2b().call(`/sandboxes/${id}`)).json()) as object;
      return "envdAccessToken" in detail ? String(detail.envdAccessToken) : "";
    };
    const list = async (headers: Record<string, string>) =>
      ask(e2b(), {
        id: sandbox.sandboxId,
        port: 49_983,
        path: "/process.Process/List",
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json", ...headers },
      });
    const own = await tokenOf(sandbox.sandboxId);
    expect((await list({ "x-access-token": own })).status).toBe(200);
    const key = e2b().environment["E2B_API_KEY"] ?? "";
    for (const headers of [
      {},
      { "x-access-token": await tokenOf(other.sandboxId) },
      { "x-access-token": key },
      { "x-api-key": key },
    ]) {
      expect((await list(headers)).status).toBe(401);
    }
  });
});
