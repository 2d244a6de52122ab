import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Sandbox } from "@vercel/sandbox";
import { Sandbox as Sandbox1 } from "vercel-sandbox-1.10";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { CREDENTIALS, fetchOf } from "../../testing/face-client.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import { serveInteractive } from "./interactive.ts";
import { vercelFace } from "./vercel-face.ts";

/** The vendor's SDK, the face, and an engine with real processes and files. */
async function realFace() {
  const made = await temporaryEngine();
  const face = vercelFace({
    engine: made.engine,
    openInteractive: async () => ({ url: "ws://127.0.0.1:1/", token: "none" }),
    log: made.parts.log,
  });
  return {
    engine: made.engine,
    caller: { ...CREDENTIALS, fetch: fetchOf(face) },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

test("real commands and real files pass through the face, and survive a stop and a resume", async () => {
  await using real = await realFace();
  const sandbox = await Sandbox.create({ ...real.caller, name: "box", env: { WORD: "hello" } });
  await sandbox.writeFiles([
    { path: "say.sh", content: 'printf "%s ü" "$WORD"; printf err >&2; exit 3' },
  ]);
  const result = await sandbox.runCommand("sh", ["say.sh"]);
  expect([result.exitCode, await result.stdout(), await result.stderr()]).toEqual([
    3,
    "hello ü",
    "err",
  ]);
  await expect(sandbox.runCommand("no-such-program")).rejects.toMatchObject({
    response: { status: 400 },
  });

  const detached = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
  await detached.kill("SIGTERM");
  expect((await detached.wait()).exitCode).toBe(143);

  const { snapshot } = await sandbox.stop();
  expect(snapshot?.creationMethod).toBe("automatic");
  expect((await sandbox.readFileToBuffer({ path: "say.sh" }))?.toString()).toContain("printf");
  expect(await sandbox.readFile({ path: "none" })).toBeNull();
  expect(await (await sandbox.listSessions()).toArray()).toHaveLength(2);
  await sandbox.delete({ deleteOrphanSnapshots: true });
});

test("the older client works on the same engine", async () => {
  await using real = await realFace();
  const sandbox = await Sandbox1.create(real.caller);
  const result = await sandbox.runCommand("sh", ["-c", "echo out; echo err >&2; exit 4"]);
  expect([result.exitCode, await result.stdout(), await result.stderr()]).toEqual([
    4,
    "out\n",
    "err\n",
  ]);
  await sandbox.stop({ blocking: true });
  await expect(sandbox.runCommand("true")).rejects.toMatchObject({ response: { status: 410 } });
});

test("a real terminal passes through a WebSocket, with its size and its exit code", async () => {
  await using real = await realFace();
  const { session } = await real.engine.sandboxes.create({ name: "box" });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const served = Promise.withResolvers<void>();
  server.once("connection", (socket) => {
    served.resolve(serveInteractive(socket, real.engine, session.id));
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  let output = "";
  let last = "";
  client.on("message", (data: Buffer, isBinary) => {
    if (isBinary) output += data.toString();
    else last = data.toString();
  });
  await once(client, "open");
  const env = ["TERM=xterm-256color", "WORD=grüße"];
  client.send(JSON.stringify({ type: "start", command: "sh", args: [], env, cols: 91, rows: 33 }));
  client.send(Buffer.from("stty size; echo $WORD; exit 3\n"));
  const [code] = await once(client, "close");
  expect([code, last]).toEqual([1000, '{"type":"exit","code":3}']);
  expect(output).toContain("33 91\r\ngrüße\r\n");
  await served.promise;
  server.close();
  await once(server, "close");
});
