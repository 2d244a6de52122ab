import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import { runToEnd } from "../../testing/in-sandbox.ts";
import { makeNamespaces, whyNoNamespaces } from "../../testing/namespaces-bench.ts";
import { OutsideWorld } from "../../testing/outside-world.ts";
import { sharedEngine, type TemporaryEngine } from "../../testing/shared-engine.ts";
import { startEngine, temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Engine } from "../engine.ts";

const unavailable = await whyNoNamespaces();
const page = { limit: 100, sortOrder: "asc" } as const;

describe("secrets", () => {
  let temporary: TemporaryEngine;
  let engine: Engine;
  sharedEngine((made) => {
    temporary = made;
    ({ engine } = made);
  });

  test("are made, found, changed and deleted without ever being told", async () => {
    const { clock } = temporary;
    const made = await engine.secrets.create({
      name: "API key",
      value: "value-1",
      metadata: { team: "a" },
      hosts: ["api.example"],
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^secret_/),
      name: "API key",
      version: 1,
      metadata: { team: "a" },
      hosts: ["api.example"],
      placeholder: expect.stringMatching(/^sandlot_secret_[a-z0-9]{32}$/),
      createdAt: clock.now(),
      updatedAt: clock.now(),
    });
    clock.advance(5);
    const described = await engine.secrets.update("API key", { description: "for tests" });
    expect(described).toEqual({ ...made, description: "for tests", updatedAt: clock.now() });
    const changed = await engine.secrets.update(made.id, { value: "value-2", hosts: [] });
    expect(changed).toEqual({ ...described, version: 2, hosts: [] });
    expect(await engine.secrets.get("API key")).toEqual(changed);
    expect(engine.secrets.list(page)).toEqual({ items: [changed] });
    expect(await engine.secrets.delete(made.id)).toEqual(changed);
    const gone = { code: "secret_not_found" };
    await expect(engine.secrets.get(made.id)).rejects.toMatchObject(gone);
    await expect(engine.secrets.delete("API key")).rejects.toMatchObject(gone);
  });

  test("have a name of their own, and a value that fits a header line", async () => {
    await engine.secrets.create({ name: "taken", value: "x" });
    await expect(engine.secrets.create({ name: "taken", value: "y" })).rejects.toMatchObject({
      code: "name_taken",
    });
    for (const wrong of [
      { name: "a{b}", value: "x" },
      { name: "", value: "x" },
      { name: "lines", value: "one\ntwo" },
      { name: "empty", value: "" },
      { name: "host", value: "x", hosts: ["https://api.example"] },
      { name: "port", value: "x", hosts: ["api.example:443"] },
    ]) {
      const refused = engine.secrets.create(wrong);
      await expect(refused, JSON.stringify(wrong)).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    const refused = engine.secrets.create({ name: "told", value: "do not tell\n" });
    await expect(refused).rejects.not.toThrow(/do not tell/);
  });

  test("cannot be used where nothing is filled in", async () => {
    const unsupported = { code: "unsupported", message: expect.stringContaining("process") };
    await expect(engine.sandboxes.create({ secrets: { KEY: "taken" } })).rejects.toMatchObject(
      unsupported,
    );
    const networkPolicy: NetworkPolicy = {
      mode: "custom",
      domains: [
        { domain: "a.example", rules: [{ transform: [{ headers: { x: "${secret:taken}" } }] }] },
      ],
    };
    await expect(engine.sandboxes.create({ networkPolicy })).rejects.toMatchObject(unsupported);
    expect(engine.sandboxes.list(page).items).toEqual([]);
  });
});

const API = "203.0.113.9";
const OTHER = "203.0.113.10";
const VALUE = "the-real-value-of-a-key";

describe.skipIf(unavailable)(
  `a secret on its way out${unavailable ? `, left out: ${unavailable}` : ""}`,
  () => {
    let world: OutsideWorld;
    let temporary: TemporaryEngine;
    let engine: Engine;
    beforeAll(async () => {
      world = await OutsideWorld.make();
      const tell = (request: IncomingMessage, response: ServerResponse) => {
        response.end(JSON.stringify(request.headers));
      };
      for (const [name, address] of [
        ["api.example", API],
        ["other.example", OTHER],
      ] as const) {
        world.name(name, address);
        await world.serveHttp(address, 80, tell);
        await world.serveHttps(address, 443, { name, listener: tell });
      }
      const makeIsolation = await makeNamespaces({
        env: {
          PATH: process.env["PATH"] ?? "",
          NODE_EXTRA_CA_CERTS: join(world.directory, "outside.pem"),
        },
        outside: { hosts: world.hosts, detours: world.detours },
      });
      temporary = await temporaryEngine({ makeIsolation });
      ({ engine } = temporary);
    });
    afterAll(async () => {
      // By the engine that runs them: the first one has ended meanwhile.
      for (const { name } of temporary.parts.store.sandboxes.all()) {
        await engine.sandboxes.delete(name);
      }
      await engine[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    });

    async function run(sessionId: string, line: string): Promise<string> {
      const { stdout, stderr } = await runToEnd(engine, sessionId, "bash", ["-c", line]);
      return `${stdout}${stderr}`.trim();
    }

    const call = async (sessionId: string, url: string, header: string) =>
      JSON.parse(await run(sessionId, `curl -s -m 20 -H "${header}" ${url}`)) as Record<
        string,
        string
      >;

    const transform = (name: string, domain = "api.example"): NetworkPolicy => ({
      mode: "custom",
      otherwise: "allow",
      domains: [
        {
          domain,
          rules: [{ transform: [{ headers: { authorization: `Bearer \${secret:${name}}` } }] }],
        },
      ],
    });

    test("takes the place of a variable's placeholder in requests to its hosts, and nowhere else", async () => {
      const secret = await engine.secrets.create({
        name: "key",
        value: VALUE,
        hosts: ["api.example"],
      });
      const { session, sandbox } = await engine.sandboxes.create({
        name: "box",
        secrets: { API_KEY: "key" },
      });
      expect(sandbox.secrets).toEqual({ API_KEY: "key" });
      expect(sandbox.env).toEqual({});
      expect(await run(session.id, "echo $API_KEY")).toBe(secret.placeholder);
      const header = "x-key: $API_KEY";
      for (const scheme of ["http", "https"]) {
        expect(await call(session.id, `${scheme}://api.example/`, header)).toMatchObject({
          "x-key": VALUE,
        });
        // Nobody looks into this one, and the sandbox does not know who vouches for the outside.
        expect(await call(session.id, `-k ${scheme}://other.example/`, header)).toMatchObject({
          "x-key": secret.placeholder,
        });
      }
      const python = `import os, urllib.request as u
print(u.urlopen(u.Request("https://api.example/", headers={"x-key": os.environ["API_KEY"]})).read().decode())`;
      const told: unknown = JSON.parse(await run(session.id, `python3 -c '${python}'`));
      expect(told).toMatchObject({ "x-key": VALUE });
      // Whoever says that another address is the host's does not get it.
      const lured = "--connect-to api.example:80:other.example:80 http://api.example/";
      expect(await call(session.id, lured, header)).toMatchObject({ host: "api.example" });
    });

    test("is in no record but its own, no file, no log and nothing that the sandbox sees", async () => {
      const { session } = await engine.sandboxes.create({
        name: "watched",
        secrets: { API_KEY: "key" },
        networkPolicy: transform("key"),
      });
      expect(await call(session.id, "http://api.example/", "x: y")).toMatchObject({
        authorization: `Bearer ${VALUE}`,
      });
      const { store, log, directory } = temporary.parts;
      const { secrets, ...tables } = store;
      for (const name of ["sandboxes", "sessions", "commands", "snapshots"] as const) {
        expect(JSON.stringify(tables[name].all())).not.toContain(VALUE);
      }
      expect(JSON.stringify(secrets.all())).toContain(VALUE);
      expect(JSON.stringify(log.lines)).not.toContain(VALUE);
      const told = await engine.sandboxes.get("watched");
      expect(JSON.stringify(told)).not.toContain(VALUE);
      expect(told.session.networkPolicy).toEqual(transform("key"));
      // The commands above have written what the upstream told them, which their output holds.
      const found = await promisify(execFile)("grep", [
        "-rlaF",
        "--exclude-dir=commands",
        "--exclude=state.db*",
        VALUE,
        directory,
      ]).catch(({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }));
      expect(found).toEqual({ stdout: "", code: 1 });
      expect((await readFile(join(directory, "state.db-wal"))).includes(VALUE)).toBe(true);
      // In two parts, so that it is in no argument of a process itself.
      const inside = `printf %s%s ${VALUE.slice(0, 12)} ${VALUE.slice(12)} | sudo grep -raFf - /proc/[0-9]*/environ /etc /home /vercel /run /tmp 2>/dev/null | wc -l`;
      expect(await run(session.id, inside)).toBe("0");
    });

    test("holds with its new value at once, and with none once it is deleted", async () => {
      const { placeholder } = await engine.secrets.create({
        name: "moving",
        value: "one",
        hosts: ["api.example"],
      });
      const { session } = await engine.sandboxes.create({
        name: "moving",
        secrets: { KEY: "moving" },
        networkPolicy: transform("moving"),
      });
      const sent = async () => {
        const { "x-key": key, authorization } = await call(
          session.id,
          "https://api.example/",
          "x-key: $KEY",
        );
        return [key, authorization];
      };
      expect(await sent()).toEqual(["one", "Bearer one"]);
      await engine.secrets.update("moving", { value: "two" });
      expect(await sent()).toEqual(["two", "Bearer two"]);
      await engine.secrets.update("moving", { hosts: ["other.example"] });
      expect(await sent()).toEqual([placeholder, "Bearer ${secret:moving}"]);
      await engine.secrets.update("moving", { hosts: ["*.example"] });
      expect(await sent()).toEqual(["two", "Bearer two"]);
      await engine.sandboxes.update("moving", { secrets: {} });
      expect(await run(session.id, 'echo "[$KEY]"')).toBe("[]");
      await engine.secrets.delete("moving");
      expect(await call(session.id, "https://api.example/", `x-key: ${placeholder}`)).toMatchObject(
        {
          "x-key": placeholder,
          authorization: "Bearer ${secret:moving}",
        },
      );
    });

    test("holds again after the engine was started anew, and for the next session", async () => {
      const { session } = await engine.sandboxes.get("box");
      await engine[Symbol.asyncDispose]();
      engine = await startEngine(temporary.parts);
      const header = "x-key: $API_KEY";
      const filled = { "x-key": VALUE };
      expect(await call(session.id, "https://api.example/", header)).toMatchObject(filled);
      await engine.sessions.stop(session.id);
      const resumed = await engine.sandboxes.get("box", { resume: true });
      expect(await call(resumed.session.id, "https://api.example/", header)).toMatchObject(filled);
    });

    test("is refused when it is not there, or does not go where a rule would send it", async () => {
      const invalid = { code: "invalid_request" };
      await expect(
        engine.sandboxes.create({ name: "none", secrets: { KEY: "nobody's" } }),
      ).rejects.toMatchObject(invalid);
      await expect(
        engine.sandboxes.create({ name: "none", networkPolicy: transform("nobody's") }),
      ).rejects.toMatchObject(invalid);
      const { session } = await engine.sandboxes.get("box");
      const set = (policy: NetworkPolicy) => engine.sessions.setNetworkPolicy(session.id, policy);
      await expect(set(transform("key", "other.example"))).rejects.toMatchObject(invalid);
      await expect(set(transform("key", "*.example"))).rejects.toMatchObject(invalid);
      await expect(
        engine.sandboxes.update("box", { secrets: { KEY: "nobody's" } }),
      ).rejects.toMatchObject(invalid);
      await set(transform("key"));
      expect((await engine.sandboxes.get("box")).sandbox.secrets).toEqual({ API_KEY: "key" });
      await expect(engine.sandboxes.get("none")).rejects.toMatchObject({
        code: "sandbox_not_found",
      });
    });
  },
);
