import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { readdir, readFile, readlink } from "node:fs/promises";
import { describe, expect, test, vi } from "vitest";
import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import { clientIn } from "../../../../testing/network-client.ts";
import {
  namespaceHolder,
  type NamespaceHolder,
  namespaceName,
} from "../../../../testing/namespace-holder.ts";
import {
  callingProgram,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../../../testing/ordinary-user.ts";
import { BAD, GOOD, NetworkBench } from "../../../../testing/network-bench.ts";
import { OutsideWorld } from "../../../../testing/outside-world.ts";

const allowGood: NetworkPolicy = {
  mode: "custom",
  domains: [{ domain: "good.example", rules: [] }],
};

/** The children of this process that bear the name. */
async function childrenNamed(name: string): Promise<number[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, "utf8");
  const named = await Promise.all(
    children
      .split(" ")
      .filter(Boolean)
      .map(async (pid) => {
        const title = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        return title.startsWith(name) ? [Number(pid)] : [];
      }),
  );
  return named.flat();
}

/** All processes of the machine in a network namespace. */
async function processesIn(namespace: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const name = await readlink(`/proc/${pid}/ns/net`).catch(() => "");
      return name === namespace ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

const reset = { code: "ECONNRESET" };

describe("allow-all", () => {
  test("reaches what was asked for, by address and by name", async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" });
    expect(await bench.http(GOOD, "anything.example")).toMatchObject({
      body: "good for anything.example",
    });
    expect(await bench.lookup("good.example")).toEqual({ addresses: [GOOD] });
    expect(await bench.lookup("good.example", "AAAA")).toEqual({ code: "ENODATA" });
    expect(await bench.lookup("never.invalid")).toEqual({ code: "ENOTFOUND" });
  });

  test("does not reach this machine, link-local addresses or what no host has", async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" }, async (world) => {
      world.name("rebound.example", "127.0.0.1");
      for (const address of ["169.254.169.254", "100.100.100.200", "0.0.0.0", "198.18.0.2"]) {
        await world.serveHttp(address, 80, (_request, response) => response.end("reached"));
      }
      await world.serveHttp("127.0.0.1", 80, (_request, response) => response.end("reached"));
    });
    for (const address of ["169.254.169.254", "100.100.100.200", "198.18.1.1"]) {
      expect(await bench.http(address, "metadata.example"), address).toEqual(reset);
    }
    expect(await bench.lookup("rebound.example")).toEqual({ code: "ENODATA" });
    expect(await bench.lookup("host.sandlot.internal")).toEqual({ code: "ENOTFOUND" });
  });

  test("refuses ports that nothing stands for", async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" });
    expect(await bench.act({ act: "tcp", address: GOOD, port: 31 })).toEqual({
      code: "ECONNREFUSED",
    });
  });
});

test("reaches a port that was asked for beside the well-known ones", async () => {
  const port = 31_337;
  await using world = await OutsideWorld.make();
  await world.serveTcp(GOOD, port, (socket) => socket.end("reached"));
  await using holder = await namespaceHolder();
  const { pid, enterArguments } = holder;
  await using networks = world.networks({ morePorts: [port] });
  await using _network = await networks.open({
    pid,
    enterArguments,
    policy: { mode: "allow-all" },
  });
  expect(await clientIn(holder, { act: "tcp", address: GOOD, port })).toEqual({ text: "reached" });
});

describe("deny-all", () => {
  test("leaves no way out, not even for names", async () => {
    await using bench = await NetworkBench.make({ mode: "deny-all" });
    expect(await bench.http(GOOD, "good.example")).toEqual({ code: "ENETUNREACH" });
    expect(await bench.lookup("good.example")).toEqual({ code: "ECONNREFUSED" });
  });
});

describe("a list of domains", () => {
  test("goes by the host that HTTP names, not by the address", async () => {
    await using bench = await NetworkBench.make(allowGood);
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ body: "good for good.example" });
    expect(await bench.http(GOOD, "bad.example")).toEqual(reset);
    // The name leads where it leads, whatever address the client chose.
    expect(await bench.http(BAD, "good.example")).toMatchObject({ body: "good for good.example" });
    expect(await bench.http(GOOD, GOOD)).toEqual(reset);
  });

  test("goes by the server name that TLS asks for, and leaves the encryption alone", async () => {
    await using bench = await NetworkBench.make(allowGood);
    const https = (address: string, host: string) =>
      bench.act({ act: "https", address, port: 443, host, ca: bench.world.authorityPem });
    expect(await https(GOOD, "good.example")).toMatchObject({ body: "good tls good.example" });
    expect(await https(GOOD, "bad.example")).toEqual(reset);
    expect(await https(BAD, "good.example")).toMatchObject({ body: "good tls good.example" });
  });

  test("tells of no other name, and asks nobody about it", async () => {
    await using bench = await NetworkBench.make(allowGood);
    expect(await bench.lookup("good.example")).toEqual({ addresses: [GOOD] });
    expect(await bench.lookup("bad.example")).toEqual({ code: "ENOTFOUND" });
  });

  test("takes other protocols for the name that led to the address", async () => {
    await using bench = await NetworkBench.make(allowGood, async (world) => {
      // The server speaks first on 22, the client on 6379.
      await world.serveTcp(GOOD, 22, (socket) => socket.end("SSH-2.0-good\r\n"));
      await world.serveTcp(BAD, 22, (socket) => socket.end("SSH-2.0-bad\r\n"));
      await world.serveTcp(GOOD, 6379, (socket) =>
        socket.once("data", (data: Buffer) => socket.end(`+${data.toString()}`)),
      );
      await world.serveTcp(GOOD, 5000, (socket) => socket.end("welcome"));
    });
    const tcp = (address: string, port: number, send?: string) =>
      bench.act({ act: "tcp", address, port, ...(send !== undefined && { send }) });
    // Nobody has been told yet that the address is an allowed name's.
    expect(await tcp(GOOD, 22)).toEqual(reset);
    await bench.lookup("good.example");
    expect(await tcp(GOOD, 22)).toEqual({ text: "SSH-2.0-good\r\n" });
    expect(await tcp(BAD, 22)).toEqual(reset);
    expect(await tcp(GOOD, 6379, "PING\r\n")).toEqual({ text: "+PING\r\n" });
    expect(await tcp(GOOD, 5000)).toEqual({ text: "welcome" });
  });

  test("does not follow an allowed name to this machine", async () => {
    await using bench = await NetworkBench.make(
      { mode: "custom", domains: [{ domain: "*.example", rules: [] }] },
      async (world) => {
        world.name("rebound.example", "127.0.0.1");
        world.name("metadata.example", "169.254.169.254");
        for (const address of ["127.0.0.1", "169.254.169.254"]) {
          await world.serveHttp(address, 80, (_request, response) => response.end("reached"));
        }
      },
    );
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
    expect(await bench.http(GOOD, "rebound.example")).toEqual(reset);
    expect(await bench.http(GOOD, "metadata.example")).toEqual(reset);
  });

  test("reaches this machine's loopback only by its own name", async () => {
    const prepare = (world: OutsideWorld) =>
      world.serveHttp("127.0.0.1", 80, (_request, response) => response.end("the host"));
    const any: NetworkPolicy = { mode: "custom", domains: [{ domain: "*", rules: [] }] };
    await using bench = await NetworkBench.make(any, prepare);
    expect(await bench.lookup("host.sandlot.internal")).toEqual({ code: "ENOTFOUND" });
    expect(await bench.http("198.18.1.1", "host.sandlot.internal")).toEqual(reset);
    await bench.network.apply({
      mode: "custom",
      domains: [{ domain: "host.sandlot.internal", rules: [] }],
    });
    expect(await bench.lookup("host.sandlot.internal")).toEqual({ addresses: ["198.18.1.1"] });
    expect(await bench.http("198.18.1.1", "host.sandlot.internal")).toMatchObject({
      body: "the host",
    });
  });
});

describe("subnets", () => {
  test("let addresses through whatever they are called, and shut them whatever else allows them", async () => {
    await using bench = await NetworkBench.make({
      mode: "custom",
      domains: [{ domain: "*.example", rules: [] }],
      allowedCidrs: ["203.0.113.0/24"],
      deniedCidrs: [`${BAD}/32`],
    });
    expect(await bench.http(GOOD, "not-listed.test")).toMatchObject({ status: 200 });
    expect(await bench.http(BAD, "bad.example")).toEqual(reset);
    // The denied address counts where a name leads, too.
    expect(await bench.http(GOOD, "bad.example")).toMatchObject({ body: "good for bad.example" });
    await bench.network.apply({
      mode: "custom",
      domains: [{ domain: "*.example", rules: [] }],
      deniedCidrs: [`${BAD}/32`],
    });
    expect(await bench.http("192.0.2.1", "good.example")).toMatchObject({ status: 200 });
    expect(await bench.http("192.0.2.1", "bad.example")).toEqual(reset);
    expect(await bench.lookup("bad.example")).toEqual({ code: "ENODATA" });
  });

  test("must be subnets", async () => {
    await using bench = await NetworkBench.make({ mode: "deny-all" });
    await expect(
      bench.network.apply({ mode: "custom", allowedCidrs: ["10.0.0.0/33"] }),
    ).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("a change of the policy", () => {
  // Asks for a line on standard input each time, on one connection for all.
  const ECHO_CLIENT = `
    const socket = require("node:net").connect(5000, "${GOOD}");
    socket.on("data", (data) => process.stdout.write(data));
    socket.on("error", (error) => { process.stdout.write(error.code); process.exit(0); });
    process.stdin.on("data", (data) => socket.write(data));`;

  test("keeps the connections that are still allowed, and cuts the others", async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" }, (world) =>
      world.serveTcp(GOOD, 5000, (socket) => void socket.pipe(socket)),
    );
    await bench.lookup("good.example");
    const client = bench.holder.start([process.execPath, "-e", ECHO_CLIENT]);
    const said = async (line: string) => {
      client.stdin!.write(line);
      const [data] = (await once(client.stdout!, "data")) as [Buffer];
      return data.toString();
    };
    expect(await said("one")).toBe("one");
    await bench.network.apply({ mode: "custom", allowedCidrs: ["203.0.113.0/24"] });
    expect(await said("two")).toBe("two");
    await bench.network.apply({ mode: "custom", allowedCidrs: ["203.0.113.0/24", "10.0.0.0/8"] });
    expect(await said("three")).toBe("three");
    const end = text(client.stdout!);
    await bench.network.apply(allowGood);
    expect(await end).toBe("ECONNRESET");
  });

  test("takes the way out away, and gives it back", async () => {
    await using bench = await NetworkBench.make({ mode: "allow-all" });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
    await bench.network.apply({ mode: "deny-all" });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ code: expect.any(String) });
    await bench.network.apply({ mode: "allow-all" });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
  });
});

test("sandboxes do not reach each other, though all have the same address", async () => {
  await using bench = await NetworkBench.make({ mode: "allow-all" });
  await using other = await namespaceHolder();
  const { pid, enterArguments } = other;
  await using network = await bench.networks.open({
    owner: { sessionId: "sbx_other", sandboxName: "other" },
    pid,
    enterArguments,
    policy: { mode: "allow-all" },
  });
  const listening = other.start([
    process.execPath,
    "-e",
    `require("node:net").createServer((socket) => socket.end("reached")).listen(5000, "::", () => console.log("up"))`,
  ]);
  await once(listening.stdout!, "data");
  const ask = (holder: NamespaceHolder, address: string) =>
    clientIn(holder, { act: "tcp", address, port: 5000 });
  expect(await ask(other, "198.18.0.2")).toEqual({ text: "reached" });
  for (const address of ["198.18.0.2", "198.18.0.1", "198.18.0.6", "fd53:616e:646c:6f74::2"]) {
    expect(await ask(bench.holder, address), address).toMatchObject({
      code: expect.stringMatching("^ECONN(RESET|REFUSED)$"),
    });
  }
  expect(
    await clientIn(other, { act: "http", address: GOOD, port: 80, host: "a.example" }),
  ).toMatchObject({ status: 200 });
  await network.apply({ mode: "deny-all" });
  expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
});

test("goes on with a new gateway when the old one was killed", async () => {
  await using bench = await NetworkBench.make(allowGood);
  expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
  const gateways = await childrenNamed("sandlot-gateway");
  expect(gateways).toHaveLength(1);
  process.kill(gateways[0]!, "SIGKILL");
  await vi.waitUntil(
    async () => {
      const [now] = await childrenNamed("sandlot-gateway");
      return now !== undefined && now !== gateways[0];
    },
    { timeout: 10_000 },
  );
  // Queued behind what brings the sessions back.
  await bench.network.apply(allowGood);
  expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
  expect(await bench.http(GOOD, "bad.example")).toEqual(reset);
});

test("is opened again over what an earlier engine left", async () => {
  await using bench = await NetworkBench.make({ mode: "allow-all" });
  const networks = bench.world.networks();
  try {
    const { pid, enterArguments } = bench.holder;
    await using again = await networks.open({
      owner: { sessionId: "sbx_test", sandboxName: "box" },
      pid,
      enterArguments,
      policy: allowGood,
    });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
    expect(await bench.http(GOOD, "bad.example")).toEqual(reset);
    await again.apply({ mode: "deny-all" });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ code: expect.any(String) });
  } finally {
    await networks[Symbol.asyncDispose]();
  }
});

test("keeps what is sent before anybody listens outside", async () => {
  await using bench = await NetworkBench.make({ mode: "deny-all" });
  for (let turn = 0; turn < 5; turn++) {
    await bench.network.apply({ mode: "allow-all" });
    expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
    await bench.network.apply({ mode: "deny-all" });
  }
});

test("an idle sandbox keeps no process busy or alive", async () => {
  await using bench = await NetworkBench.make({ mode: "allow-all" });
  await bench.http(GOOD, "good.example");
  const inPlace = await processesIn(await namespaceName(bench.holder.pid, "net"));
  expect(inPlace).toEqual([bench.holder.pid]);
});

test("what a sandbox runs as root cannot change its network", async () => {
  await using bench = await NetworkBench.make({ mode: "allow-all" });
  for (const change of [
    "ip link delete eth0",
    "ip address add 10.0.0.1/8 dev lo",
    "ip route flush all",
  ]) {
    const { exitCode, stderr } = await bench.holder.run(change.split(" "));
    expect([exitCode, stderr.trim()], change).toEqual([
      2,
      expect.stringMatching("Operation not permitted$"),
    ]);
  }
  expect(await bench.http(GOOD, "good.example")).toMatchObject({ status: 200 });
});

const noUser = whyNoOrdinaryUser();
test.skipIf(noUser)(
  `works for an ordinary user${noUser === undefined ? "" : ` (skipped: ${noUser})`}`,
  async () => {
    const program = callingProgram(
      new URL("../../../../testing/network-errand.ts", import.meta.url),
      "networkErrand",
    );
    const { exitCode, stdout, stderr } = await runAsOrdinaryUser(program);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({
      good: "good for good.example",
      bad: "ECONNRESET",
      denied: "ENETUNREACH",
      port: "from inside",
    });
  },
);

test("counts what goes in and out", async () => {
  const size = 300_000;
  await using bench = await NetworkBench.make({ mode: "allow-all" }, (world) =>
    world.serveTcp(GOOD, 5000, (socket) => socket.end(Buffer.alloc(size))),
  );
  const before = await bench.network.traffic();
  await bench.act({ act: "tcp", address: GOOD, port: 5000 });
  const after = await bench.network.traffic();
  expect(after.ingressBytes - before.ingressBytes).toBe(size);
  await bench.http(GOOD, "good.example");
  expect((await bench.network.traffic()).egressBytes).toBeGreaterThan(after.egressBytes);
});

describe("ports", () => {
  test("lead to what listens inside, on either loopback, and say when nothing does", async () => {
    await using bench = await NetworkBench.make({ mode: "deny-all" });
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const forward = bench.network.forward({ port: 3000, sandboxName: "box", server });
    try {
      const silent = await fetch(url);
      expect([silent.status, silent.headers.get("x-sandlot-error")]).toEqual([
        502,
        "SANDBOX_NOT_LISTENING",
      ]);
      for (const host of ["127.0.0.1", "::1"]) {
        const inside = bench.holder.start([
          process.execPath,
          "-e",
          `require("node:http").createServer((_, response) => response.end("${host}")).listen(3000, "${host}", () => console.log("up"))`,
        ]);
        await once(inside.stdout!, "data");
        const answer = await fetch(url, { headers: { connection: "close" } });
        expect(await answer.text()).toBe(host);
        inside.kill();
        await once(inside, "exit");
      }
      expect((await bench.network.traffic()).ingressBytes).toBeGreaterThan(0);
    } finally {
      await forward[Symbol.asyncDispose]();
      server.close();
    }
  });
});
