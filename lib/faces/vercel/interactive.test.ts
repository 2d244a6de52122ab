import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { serveInteractive } from "./interactive.ts";

/** A real socket between a client and a scripted terminal. */
async function connected() {
  const scripted = scriptedEngine();
  const { session } = await scripted.engine.sandboxes.create({ name: "box" });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const served = Promise.withResolvers<void>();
  server.once("connection", (socket) => {
    served.resolve(serveInteractive(socket, scripted.engine, session.id));
  });
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const frames: (string | Buffer)[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  client.on("message", (data: Buffer, isBinary) => {
    frames.push(isBinary ? data : data.toString());
    waiting.splice(0).forEach(({ resolve }) => resolve());
  });
  await once(client, "open");
  return {
    ...scripted,
    session,
    client,
    frames,
    served: served.promise,
    say: (frame: object) => client.send(JSON.stringify(frame)),
    async frame() {
      while (frames.length === 0) {
        const more = Promise.withResolvers<void>();
        waiting.push(more);
        await more.promise;
      }
      return frames.shift();
    },
    async [Symbol.asyncDispose]() {
      client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

const start = {
  type: "start",
  command: "sh",
  args: ["-i"],
  env: ["TERM=xterm-256color", "PS1=a=b "],
  cwd: "/tmp",
  cols: 100,
  rows: 40,
};

describe("a terminal behind a WebSocket", () => {
  test("is started as the client says, passes bytes both ways, and ends with the exit code", async () => {
    await using connection = await connected();
    const { client, say, frame, terminals, served } = connection;
    say(start);
    client.send(Buffer.from("hellö\n"));
    expect(await frame()).toEqual(Buffer.from("hellö\n"));
    expect(terminals.opened[0]?.spec).toEqual({
      cmd: "sh",
      args: ["-i"],
      env: { TERM: "xterm-256color", PS1: "a=b " },
      cwd: "/tmp",
      columns: 100,
      rows: 40,
    });
    say({ type: "resize", cols: 120, rows: 50 });
    client.send(Buffer.from("exit 3\n"));
    expect(await frame()).toEqual(Buffer.from("exit 3\n"));
    expect(await frame()).toBe('{"type":"exit","code":3}');
    const [code] = await once(client, "close");
    expect(code).toBe(1000);
    expect(terminals.opened[0]).toMatchObject({
      sizes: [{ columns: 120, rows: 50 }],
      disposed: true,
    });
    await served;
  });

  test("has a usual size when the client has none, and root when it asks by sudo", async () => {
    await using connection = await connected();
    const { say, client, frame, terminals } = connection;
    say({ type: "start", command: "sudo", args: ["sh", "-l"] });
    client.send(Buffer.from("exit 0"));
    await frame();
    expect(terminals.opened[0]?.spec).toEqual({
      cmd: "sh",
      args: ["-l"],
      sudo: true,
      env: {},
      columns: 80,
      rows: 24,
    });
  });

  test("leaves sudo's own options to sudo", async () => {
    await using connection = await connected();
    const { say, client, frame, terminals } = connection;
    say({ type: "start", command: "sudo", args: ["-u", "alice", "sh"] });
    client.send(Buffer.from("exit 0"));
    await frame();
    expect(terminals.opened[0]?.spec).toMatchObject({ cmd: "sudo", args: ["-u", "alice", "sh"] });
  });

  test("is ended when the client leaves", async () => {
    await using connection = await connected();
    const { say, client, frame, terminals, served } = connection;
    say(start);
    client.send(Buffer.from("x"));
    await frame();
    client.terminate();
    await served;
    expect(terminals.opened[0]?.disposed).toBe(true);
  });

  test("says why there is none, and ends as a shell would", async () => {
    await using connection = await connected();
    const { say, client, frame } = connection;
    say({ ...start, command: "missing" });
    expect(await frame()).toBe("There is no program missing.\r\n");
    expect(await frame()).toBe('{"type":"exit","code":127}');
    const [code] = await once(client, "close");
    expect(code).toBe(1011);
  });

  test("of a session that has stopped is refused by its reason", async () => {
    await using connection = await connected();
    await connection.engine.sessions.stop(connection.session.id);
    connection.say(start);
    expect(await connection.frame()).toContain("is stopped");
    expect(await connection.frame()).toBe('{"type":"exit","code":1}');
  });

  test.each([
    ["no JSON", "hello", "wrong: all"],
    ["another frame", JSON.stringify({ type: "resize", cols: 1, rows: 1 }), "wrong: type"],
    ["a variable without a value", JSON.stringify({ ...start, env: ["A"] }), "wrong: env.0"],
  ])("is refused when the first text frame is %s", async (_what, frame, says) => {
    await using connection = await connected();
    connection.client.send(frame);
    const [code, reason] = await once(connection.client, "close");
    expect([code, String(reason)]).toEqual([1008, expect.stringContaining(says)]);
    await connection.served;
    expect(connection.terminals.opened).toEqual([]);
  });
});
