import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createNetServer, type AddressInfo, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { loopbackPorts } from "./loopback-ports.ts";

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === "::1");

async function answerTo(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  await once(socket, "connect");
  return text(socket);
}

test("serves the same port on every address that localhost may mean", async () => {
  await using listening = await loopbackPorts().listen({});
  listening.server.on("connection", (socket) => socket.end("hello"));
  expect(await answerTo("127.0.0.1", listening.port)).toBe("hello");
  if (hasIpv6) expect(await answerTo("::1", listening.port)).toBe("hello");
});

test("gives the preferred port if it is free, and another one if it is not", async () => {
  const ports = loopbackPorts();
  const first = await ports.listen({});
  const { port } = first;
  await first[Symbol.asyncDispose]();
  await using again = await ports.listen({ preferred: port });
  expect(again.port).toBe(port);
  await using other = await ports.listen({ preferred: port });
  expect(other.port).not.toBe(port);
});

test.runIf(hasIpv6)(
  "takes no port that somebody has on ::1, for localhost would lead there",
  async () => {
    const other = createNetServer();
    other.listen(0, "::1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await using listening = await loopbackPorts().listen({ preferred: port });
    expect(listening.port).not.toBe(port);
    // The half that was free was given back.
    const free = createNetServer();
    free.listen(port, "127.0.0.1");
    await once(free, "listening");
    await new Promise((done) => free.close(done));
    await new Promise((done) => other.close(done));
  },
);

test("reads nothing of a connection before somebody asks for it", async () => {
  await using listening = await loopbackPorts().listen({});
  const accepted = once(listening.server, "connection") as Promise<[Socket]>;
  const client = connect({ host: "127.0.0.1", port: listening.port });
  client.end("hello");
  const [socket] = await accepted;
  // The client's end has come as well: had anything been read, its bytes would be here.
  await once(client, "finish");
  expect([socket.bytesRead, socket.isPaused()]).toEqual([0, true]);
  expect(await text(socket)).toBe("hello");
});

test("is not reached from other machines", async () => {
  await using listening = await loopbackPorts().listen({});
  expect(listening.server.address()).toMatchObject({ address: "127.0.0.1" });
});

test("gives the URL that a browser takes", () => {
  expect(loopbackPorts().url(8080)).toBe("http://localhost:8080");
});

test("ends open connections with the port", async () => {
  const listening = await loopbackPorts().listen({});
  const server = createServer((_, response) => void response.writeHead(200).write("begun"));
  listening.server.on("connection", (socket) => {
    server.emit("connection", socket);
    socket.resume();
  });
  const response = await fetch(`http://127.0.0.1:${listening.port}`);
  const reader = response.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("begun");
  await listening[Symbol.asyncDispose]();
  await expect(reader.read()).rejects.toThrow();
});
