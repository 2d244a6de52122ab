import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../contract/errors.ts";
import type { NetworkPolicy } from "../contract/network-policy.ts";
import { capturedRoots } from "../testing/captured-roots.ts";
import { runToEnd } from "../testing/in-sandbox.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

const PAGE = { limit: 100, sortOrder: "asc" } as const;

describe("a sandbox", () => {
  test("has an id of small letters and digits, by which it is found as by its name", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { sandbox } = await engine.sandboxes.create({ name: "One.with-marks" });
    expect(sandbox.id).toMatch(/^[a-z0-9]{20}$/);
    expect(await engine.sandboxes.byId(sandbox.id)).toEqual(
      await engine.sandboxes.get(sandbox.name).then(({ resumed: _resumed, ...view }) => view),
    );
    const fork = await engine.sandboxes.fork(sandbox.name, {});
    expect(fork.sandbox.id).not.toBe(sandbox.id);
    await engine.sandboxes.delete(sandbox.name);
    for (const id of [sandbox.id, "none"]) {
      await expect(engine.sandboxes.byId(id)).rejects.toMatchObject({ code: "sandbox_not_found" });
    }
  });

  test("keeps what faces remember of it, each its own, also in a copy", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const kept = { e2b: { secure: true, list: [1, null, "x"] }, daytona: { class: "small" } };
    const { sandbox } = await engine.sandboxes.create({ name: "kept", kept });
    expect(sandbox.kept).toEqual(kept);
    const { sandbox: changed } = await engine.sandboxes.update("kept", {
      kept: { e2b: { secure: false }, daytona: null, vercel: 1 },
    });
    expect(changed.kept).toEqual({ e2b: { secure: false }, vercel: 1 });
    const fork = await engine.sandboxes.fork("kept", { kept: { vercel: 2 } });
    expect(fork.sandbox.kept).toEqual({ e2b: { secure: false }, vercel: 2 });
  });

  test("is listed by several tags and by any of several statuses", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`tag ${at}`, "x".repeat(2_000)]),
    );
    await engine.sandboxes.create({ name: "a", tags: { team: "red", tier: "1", ...many } });
    const b = await engine.sandboxes.create({ name: "b", tags: { team: "red", tier: "2" } });
    const c = await engine.sandboxes.create({ name: "c", tags: { team: "blue", tier: "1" } });
    await engine.sessions.stop(b.session.id);
    await engine.sessions.pause(c.session.id, { memory: true });
    const names = (request: Parameters<typeof engine.sandboxes.list>[0]) =>
      engine.sandboxes.list(request).items.map(({ name }) => name);
    expect(names({ ...PAGE, tags: { team: "red", tier: "1" } })).toEqual(["a"]);
    expect(names({ ...PAGE, tags: { team: "red" } })).toEqual(["a", "b"]);
    expect(names({ ...PAGE, statuses: ["running", "paused"] })).toEqual(["a", "c"]);
    expect(names({ ...PAGE, statuses: ["stopped"], tags: { tier: "2" } })).toEqual(["b"]);
    expect(names({ ...PAGE, statuses: [] })).toEqual(["a", "b", "c"]);
  });

  test("gives commands the home and the directory of the user that it was made for", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { session, sandbox } = await engine.sandboxes.create({
      user: "daytona",
      env: { A: "1" },
    });
    expect(sandbox).toMatchObject({ user: "daytona", home: "/home/daytona", cwd: "/home/daytona" });
    const line = ["-c", 'pwd; echo "$HOME $A"'];
    const ran = await runToEnd(engine, session.id, "sh", line);
    expect(ran.stdout).toMatch(/\/home\/daytona\n.*\/home\/daytona 1\n$/);
    await engine.sandboxes.update(sandbox.name, { env: { A: "2" } });
    expect((await runToEnd(engine, session.id, "sh", line)).stdout).toMatch(/ 2\n$/);
    for (const [user, code] of [
      ["nobody-here", "unsupported"],
      ["a b", "invalid_request"],
    ] as const) {
      await expect(engine.commands.start(session.id, { cmd: "true", user })).rejects.toMatchObject({
        code,
      });
    }
    const named = await engine.commands.start(session.id, { cmd: "true", user: "user" });
    expect(named).toMatchObject({ user: "user", sudo: false });
    expect(named.pid).toBe(undefined);
    const told = await engine.commands.start(session.id, {
      cmd: "sh",
      args: ["-c", 'echo "$$"; sleep 60'],
      tellPid: true,
    });
    for await (const { data } of engine.commands.output(session.id, told.id)) {
      expect(data).toBe(`${told.pid}\n`);
      break;
    }
    expect((await engine.commands.get(session.id, told.id)).pid).toBe(told.pid);
  });
});

describe("a port of a session", () => {
  test("is reached whether it is exposed or not, and closed with the session", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const made = await engine.sandboxes.create({ name: "ports", ports: [3000] });
    const { id } = made.session;
    expect(await engine.sessions.route(id, 3000)).toEqual(made.routes[0]);
    const route = await engine.sessions.route(id, 4321);
    expect(await engine.sessions.route(id, 4321)).toEqual(route);
    expect((await engine.sandboxes.get("ports")).routes).toEqual(made.routes);
    // Nobody listens there yet: that is told, not refused.
    expect((await fetch(route.url)).status).toBe(502);
    await engine.sessions.pause(id, { memory: true });
    expect((await fetch(route.url)).status).toBe(502);
    await engine.sandboxes.get("ports", { resume: true });
    expect(await engine.sessions.route(id, 4321)).toEqual(route);
    for (const port of [0, 65_536, 1.5]) {
      await expect(engine.sessions.route(id, port)).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    await engine.sessions.stop(id);
    await expect(engine.sessions.route(id, 4321)).rejects.toMatchObject({
      code: "sandbox_stopped",
    });
    // The host's port is free again.
    const server = createServer().listen(route.hostPort, "127.0.0.1");
    await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
    server.close();
    expect((await fetch(made.routes[0]!.url)).status).toBe(502);
  });

  test("is not lost when it is exposed later", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { session } = await engine.sandboxes.create({ name: "later" });
    const route = await engine.sessions.route(session.id, 5000);
    const { routes } = await engine.sandboxes.update("later", { ports: [5000] });
    expect(routes).toEqual([route]);
    await engine.sessions.stop(session.id);
    expect((await engine.sandboxes.get("later", { resume: true })).routes).toEqual([route]);
  });
});

test("a network policy that cannot be recorded does not hold", async () => {
  await using the = await temporaryEngine();
  const { engine } = the;
  const roots = capturedRoots(the.parts.isolation);
  const { session } = await engine.sandboxes.create({ networkPolicy: { mode: "deny-all" } });
  const held: NetworkPolicy["mode"][] = [];
  roots[0]!.applyNetworkPolicy = async ({ mode }) => void held.push(mode);
  const { sessions } = the.parts.store;
  const { put } = sessions;
  sessions.put = () => {
    throw new SandboxError("storage_full", "The disk is full.");
  };
  const setting = engine.sessions.setNetworkPolicy(session.id, { mode: "allow-all" });
  await expect(setting).rejects.toMatchObject({ code: "storage_full" });
  sessions.put = put;
  expect(held).toEqual(["allow-all", "deny-all"]);
  expect((await engine.sessions.get(session.id)).session.networkPolicy.mode).toBe("deny-all");
});
