import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NetworkPolicy } from "../../../../contract/network-policy.ts";
import { BAD, GOOD, NetworkBench } from "../../../../testing/network-bench.ts";
import type { ClientResult } from "../../../../testing/network-client.ts";
import type { OutsideWorld } from "../../../../testing/outside-world.ts";

// What e2b's lists and Daytona's say, and what becomes of secrets, seen by the same upstream servers.

const API = "203.0.113.9";
const PLACEHOLDER = "sandlot_secret_of_this_test";
const VALUE = "the real value";
const secret = { placeholder: PLACEHOLDER, value: VALUE, hosts: ["api.example"] };
type Custom = Extract<NetworkPolicy, { mode: "custom" }>;
const lists = (parts: Omit<Custom, "mode">): NetworkPolicy => ({
  mode: "custom",
  otherwise: "allow",
  precedence: "allowed",
  ...parts,
});
const domain = (name: string) => ({ domain: name, rules: [] });

async function apiWorld(world: OutsideWorld): Promise<void> {
  world.name("api.example", API);
  const tell = (request: IncomingMessage, response: ServerResponse) => {
    response.end(JSON.stringify(request.headers));
  };
  await world.serveHttp(API, 80, tell);
  await world.serveHttps(API, 443, { name: "api.example", listener: tell });
  // The same host by another name, to which no secret goes.
  world.name("other.example", "203.0.113.10");
  await world.serveHttp("203.0.113.10", 80, tell);
}

let bench: NetworkBench;
beforeAll(async () => {
  bench = await NetworkBench.make({ mode: "allow-all" }, apiWorld);
});
afterAll(() => bench[Symbol.asyncDispose]());

const reaches = async (address: string, host: string): Promise<boolean> =>
  "body" in (await bench.http(address, host));

function headersIn(result: ClientResult): Record<string, string> {
  if (!("body" in result)) throw new Error(`no answer: ${JSON.stringify(result)}`);
  return JSON.parse(result.body);
}

describe("lists of which the allowing one comes first", () => {
  test("deny one subnet and leave the rest of the outside open", async () => {
    await bench.network.apply(lists({ deniedCidrs: [`${BAD}/32`] }));
    expect(await reaches(GOOD, "good.example")).toBe(true);
    expect(await reaches(BAD, "bad.example")).toBe(false);
    // Nor by a name that leads there.
    expect(await bench.lookup("bad.example")).not.toMatchObject({ addresses: [BAD] });
  });

  test("deny everything but a domain", async () => {
    const deniedCidrs = ["0.0.0.0/0", "::/0"];
    await bench.network.apply(lists({ domains: [domain("good.example")], deniedCidrs }));
    expect(await reaches(GOOD, "good.example")).toBe(true);
    expect(await reaches(GOOD, "bad.example")).toBe(false);
    expect(await reaches(BAD, "bad.example")).toBe(false);
  });

  test("deny everything but an address", async () => {
    await bench.network.apply(lists({ allowedCidrs: [GOOD], deniedCidrs: ["0.0.0.0/0"] }));
    expect(await reaches(GOOD, "good.example")).toBe(true);
    expect(await reaches(BAD, "bad.example")).toBe(false);
  });

  test("deny a domain by its name, and nothing beside it", async () => {
    await bench.network.apply(lists({ deniedDomains: ["bad.example"] }));
    expect(await reaches(GOOD, "good.example")).toBe(true);
    expect(await reaches(BAD, "bad.example")).toBe(false);
    expect(await reaches(GOOD, "bad.example")).toBe(false);
  });

  test("add headers to requests to one domain, and leave the rest open and as it is", async () => {
    const rules = [{ transform: [{ headers: { "x-added": "yes" } }] }];
    await bench.network.apply(
      lists({ domains: [{ domain: "api.example", rules, grants: false }] }),
    );
    expect(headersIn(await bench.http(API, "api.example"))).toMatchObject({ "x-added": "yes" });
    expect(headersIn(await bench.http("203.0.113.10", "other.example"))).not.toHaveProperty(
      "x-added",
    );
    expect(await reaches(BAD, "bad.example")).toBe(true);
  });
});

describe("a header of a rule", () => {
  const adding = (headers: Record<string, string>) =>
    lists({ domains: [{ domain: "api.example", rules: [{ transform: [{ headers }] }] }] });

  test("in whatever script leaves as UTF-8", async () => {
    await bench.network.apply(adding({ "x-word": "ключ" }));
    const { "x-word": word = "" } = headersIn(await bench.http(API, "api.example"));
    expect(Buffer.from(word, "latin1").toString("utf8")).toBe("ключ");
  });

  test("that HTTP has no line for breaks its own connection, and no other", async () => {
    await bench.network.apply(adding({ "no name": "x" }));
    const kept = bench.act({
      act: "tcp",
      address: GOOD,
      port: 80,
      send: "GET / HTTP/1.1\r\nhost: good.example\r\nconnection: close\r\n\r\n",
    });
    expect("body" in (await bench.http(API, "api.example"))).toBe(false);
    expect(await kept).toMatchObject({ text: expect.stringContaining("good for good.example") });
    expect(await reaches(GOOD, "good.example")).toBe(true);
  });
});

describe("a secret", () => {
  const headers = { authorization: `Bearer ${PLACEHOLDER}`, "x-key": `k-${PLACEHOLDER}` };
  const filled = { authorization: `Bearer ${VALUE}`, "x-key": `k-${VALUE}` };
  const toApi = { act: "http", address: API, port: 80, host: "api.example", headers } as const;

  test("takes its placeholder's place in requests to its host, over HTTP and HTTPS", async () => {
    await bench.network.apply({ mode: "allow-all" }, { secrets: [secret] });
    expect(headersIn(await bench.act(toApi))).toMatchObject(filled);
    const ca = await bench.networks.authorityPem();
    expect(headersIn(await bench.act({ ...toApi, act: "https", port: 443, ca }))).toMatchObject(
      filled,
    );
  });

  test("stays a placeholder in requests to every other host, whatever address is dialled for them", async () => {
    await bench.network.apply({ mode: "allow-all" }, { secrets: [secret] });
    const other = { ...toApi, address: "203.0.113.10", host: "other.example" };
    expect(headersIn(await bench.act(other))).toMatchObject(headers);
    // It goes to where the name leads, and not to the address that the sandbox dialled.
    const lured = headersIn(await bench.act({ ...toApi, address: GOOD }));
    expect(lured).toMatchObject({ ...filled, host: "api.example" });
  });

  test("does not come back in by a request for what has arrived", async () => {
    await bench.network.apply({ mode: "allow-all" }, { secrets: [secret] });
    expect(await bench.act({ ...toApi, method: "TRACE" })).toMatchObject({ status: 405, body: "" });
  });

  test("is sent only where the policy lets the sandbox go", async () => {
    const policy: NetworkPolicy = { mode: "custom", domains: [domain("good.example")] };
    await bench.network.apply(policy, { secrets: [secret] });
    expect("body" in (await bench.act(toApi))).toBe(false);
    const both = [domain("good.example"), domain("api.example")];
    await bench.network.apply({ mode: "custom", domains: both }, { secrets: [secret] });
    expect(headersIn(await bench.act(toApi))).toMatchObject(filled);
  });

  test("is gone with the policy that does not bring it", async () => {
    await bench.network.apply({ mode: "allow-all" }, { secrets: [secret] });
    expect(headersIn(await bench.act(toApi))).toMatchObject(filled);
    await bench.network.apply({ mode: "allow-all" });
    expect(headersIn(await bench.act(toApi))).toMatchObject(headers);
  });
});
