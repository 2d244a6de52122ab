import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import type { StartBuildRequestInput, TemplateBuild } from "../../contract/template.ts";
import { runToEnd } from "../../testing/in-sandbox.ts";
import type { ManualClock } from "../../testing/manual-clock.ts";
import { sharedEngine, type TemporaryEngine } from "../../testing/shared-engine.ts";
import { startEngine, temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Engine } from "../engine.ts";

// Plain processes: what templates are does not depend on the isolation. What users, copies and images do is tried
// where there are users.

let temporary: TemporaryEngine;
let engine: Engine;
sharedEngine((made) => {
  temporary = made;
  ({ engine } = made);
});

const run = (command: string) => ({ type: "run", command }) as const;

async function build(
  name: string,
  request: StartBuildRequestInput,
  { tags }: { tags?: string[] } = {},
): Promise<TemplateBuild & { said: string[] }> {
  const { template, build: made } = await engine.templates.create({
    names: [name],
    ...(tags && { tags }),
  });
  await engine.templates.startBuild(template.id, made.id, request);
  const ended = await engine.templates.wait(template.id, made.id);
  const { logs } = await engine.templates.status(template.id, made.id);
  return { ...ended, said: logs.map(({ message }) => message) };
}

async function said(template: string, line: string): Promise<string> {
  const name = `box-${template.replaceAll(/[^a-z]/g, "-")}-${Math.random().toString(36).slice(2)}`;
  const { session } = await engine.sandboxes.create({ name, template });
  const { stdout, stderr } = await runToEnd(engine, session.id, "sh", ["-c", line]);
  await engine.sandboxes.delete(name);
  return `${stdout}${stderr}`.trim();
}

describe("a build", () => {
  test("runs its steps one after the other, and sandboxes begin with what they leave", async () => {
    const built = await build("steps", {
      steps: [
        { type: "env", variables: { GREETING: "hello" } },
        { type: "env", variables: { MORE: "${GREETING} $WHO you" } },
        run("mkdir deep && echo $MORE > deep/file"),
        { type: "workdir", path: "deep" },
        run("cat file > copy && pwd"),
      ],
    });
    expect(built).toMatchObject({
      status: "ready",
      env: { GREETING: "hello", MORE: "hello $WHO you" },
      cwd: "/vercel/sandbox/deep",
      user: "vercel-sandbox",
    });
    expect(built.layers).toHaveLength(2);
    expect(await said("steps", 'cat copy; echo "$GREETING"')).toBe("hello $WHO you\nhello");
  });

  test("is no sandbox, no session and no snapshot that anybody lists", async () => {
    const page = { limit: 100, sortOrder: "desc" } as const;
    const seen = () => [
      engine.sandboxes.list(page).items,
      engine.sessions.list(page).items,
      engine.snapshots.list(page).items,
    ];
    const before = seen();
    const { template, build: made } = await engine.templates.create({ names: ["hidden"] });
    await engine.templates.startBuild(template.id, made.id, {
      steps: [run("echo here; sleep 0.2")],
    });
    for await (const { message } of engine.templates.logs(template.id, made.id)) {
      if (message === "here") expect(seen()).toEqual(before);
    }
    // Whoever has followed it to its end does not have to wait.
    const { build: ended } = await engine.templates.status(template.id, made.id);
    expect(ended.status).toBe("ready");
    await engine.templates.wait(template.id, made.id);
    expect(seen()).toEqual(before);
  });

  test("that fails says at which step and with which output, and leaves nothing behind", async () => {
    const before = temporary.parts.store.layers.all();
    const failed = await build("failing", {
      steps: [
        run("echo one > kept"),
        { type: "env", variables: { A: "b" } },
        run("echo oops >&2; exit 3"),
      ],
    });
    expect(failed).toMatchObject({
      status: "error",
      error: { step: 2, message: expect.stringContaining("exit code 3") },
    });
    expect(failed.said).toContain("oops");
    expect(temporary.parts.store.layers.all()).toEqual(before);
    await expect(engine.sandboxes.create({ template: "failing" })).rejects.toMatchObject({
      code: "template_not_found",
    });
  });

  test("takes over what builds before did in the same way, unless it is forced to run", async () => {
    const steps = [run("date +%N > when"), run("echo last > last")];
    const first = await build("cached", { steps });
    const again = await build("cached-again", { steps });
    expect(again.layers).toEqual(first.layers);
    expect(again.said[0]).toBe("RUN date +%N > when (as in a build before)");
    temporary.clock.advance(1);
    const forced = await build("cached-forced", { steps, force: true });
    expect(first.layers).not.toContain(forced.layers[0]);
    const half = await build("cached-half", { steps: [steps[0]!, { ...steps[1]!, force: true }] });
    // What was made last is taken over.
    expect(half.layers[0]).toBe(forced.layers[0]);
    expect(half.layers[1]).not.toBe(forced.layers[1]);
  });

  test("begins with another template, or with a snapshot that may go away", async () => {
    await build("ground", {
      steps: [run("echo ground > ground"), { type: "env", variables: { FROM: "ground" } }],
    });
    const above = await build("above", {
      from: { template: "ground" },
      steps: [run('echo "$FROM" > above')],
    });
    expect(above.env).toEqual({ FROM: "ground" });
    await engine.templates.delete("ground");
    expect(await said("above", "cat ground above")).toBe("ground\nground");

    const { session } = await engine.sandboxes.create({ name: "source" });
    await runToEnd(engine, session.id, "sh", ["-c", "echo kept > file"]);
    const { snapshot } = await engine.sessions.snapshot(session.id);
    expect(await build("of-snapshot", { from: { snapshotId: snapshot.id } })).toMatchObject({
      status: "ready",
    });
    await engine.sandboxes.delete("source", { deleteOrphanSnapshots: true });
    expect(await said("of-snapshot", "cat file")).toBe("kept");
  });

  test("refuses what it cannot begin with before anything runs", async () => {
    const { template, build: made } = await engine.templates.create({ names: ["refused"] });
    const start = (request: StartBuildRequestInput) =>
      engine.templates.startBuild(template.id, made.id, request);
    await expect(start({ from: { template: "nobody's" } })).rejects.toMatchObject({
      code: "template_not_found",
    });
    await expect(start({ from: { image: "postgres:16" } })).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("postgres:16"),
    });
    await expect(
      start({
        steps: [{ type: "copy", archive: { hash: "none" }, source: ".", destination: "x" }],
      }),
    ).rejects.toMatchObject({ code: "invalid_request" });
    expect(await engine.templates.status(template.id, made.id)).toMatchObject({
      build: { status: "waiting" },
      logs: [],
    });
  });

  test("copies an archive's files, also where the sandbox has no users", async () => {
    const { template, build: made } = await engine.templates.create({ names: ["copied"] });
    const archive = pack();
    archive.entry({ name: "src/tool", mode: 0o755 }, "tool");
    archive.entry({ name: "src/link", type: "symlink", linkname: "tool" });
    archive.finalize();
    await engine.templates.putArchive(template.id, "app", Readable.from(archive));
    expect(await engine.templates.hasArchive(template.id, "app")).toBe(true);
    const copy = { type: "copy", archive: { hash: "app" }, source: "src" } as const;
    await engine.templates.startBuild(template.id, made.id, {
      steps: [{ ...copy, destination: "app" }],
    });
    await engine.templates.wait(template.id, made.id);
    expect(await said("copied", "ls -l app/tool | cut -c1-10; cat app/link")).toBe(
      "-rwxr-xr-x\ntool",
    );
    // What an archive is called says nothing of what is in it.
    const other = pack();
    other.entry({ name: "src/tool" }, "another");
    other.finalize();
    const { build: second } = await engine.templates.create({ names: ["copied"] });
    await engine.templates.putArchive(template.id, "app", Readable.from(other));
    await engine.templates.startBuild(template.id, second.id, {
      steps: [{ ...copy, destination: "app" }],
    });
    await engine.templates.wait(template.id, second.id);
    expect(await said("copied", "cat app/tool")).toBe("another");
    const asRoot = await engine.templates.create({ names: ["copied"] });
    await engine.templates.startBuild(template.id, asRoot.build.id, {
      steps: [{ ...copy, destination: "app", user: "root" }],
    });
    expect(await engine.templates.wait(template.id, asRoot.build.id)).toMatchObject({
      status: "error",
      error: { step: 0, message: expect.stringContaining("no users") },
    });
  });

  test("runs what starts in each sandbox once, and waits until it is ready", async () => {
    const started = await build("served", {
      startCommand: "echo up >> starts; exec sleep 61.25",
      // Does not find itself.
      readyCommand: "pgrep -f 'sleep [6]1.25'",
    });
    expect(started).toMatchObject({ status: "ready" });
    expect(await said("served", "cat starts")).toBe("up\nup");
    const { logs } = await engine.templates.status(started.templateId, started.id, { limit: 1 });
    expect(logs).toMatchObject([{ message: "Starting echo up >> starts; exec sleep 61.25" }]);
  });
});

describe("a template", () => {
  test("is found by its id, its names and their tags", async () => {
    const one = await build("named", { steps: [run("echo 1 > n")] }, { tags: ["v1", "default"] });
    const two = await build("named", { steps: [run("echo 2 > n")] }, { tags: ["v2"] });
    expect(two.templateId).toBe(one.templateId);
    const buildOf = async (name: string) => (await engine.templates.resolve(name)).build.id;
    expect(await buildOf("named")).toBe(one.id);
    expect(await buildOf(one.templateId)).toBe(one.id);
    expect(await buildOf("named:v2")).toBe(two.id);
    expect(await buildOf(`${one.templateId}:v2`)).toBe(two.id);
    await engine.templates.assignTags("named:v2", ["default", "stable"]);
    expect(await buildOf("named")).toBe(two.id);
    expect(await said("named:stable", "cat n")).toBe("2");
    await engine.templates.removeTags("named", ["stable"]);
    await expect(buildOf("named:stable")).rejects.toMatchObject({ code: "template_not_found" });
    await engine.templates.rename("named", ["renamed", "also:1"]);
    expect(await buildOf("also:1")).toBe(two.id);
    await expect(buildOf("named")).rejects.toMatchObject({ code: "template_not_found" });
    await expect(engine.templates.create({ names: ["renamed", "steps"] })).rejects.toMatchObject({
      code: "name_taken",
    });
  });

  test("goes with its builds and their layers, and leaves those of others", async () => {
    const steps = [run("echo shared > shared")];
    const gone = await build("gone", { steps: [...steps, run("echo own > own")] });
    const stays = await build("stays", { steps });
    await engine.templates.delete("gone");
    const { store, isolation } = temporary.parts;
    expect(store.builds.get(gone.id)).toBeUndefined();
    expect(store.layers.get(gone.layers[1]!)).toBeUndefined();
    expect(await isolation.measureSnapshot(gone.layers[1]!)).toBeUndefined();
    expect(stays.layers).toEqual([gone.layers[0]]);
    expect(await said("stays", "cat shared")).toBe("shared");
  });

  test("that is deleted takes no layer along that a new build was about to use", async () => {
    const steps = (word: string) => [run(`echo ${word} > word`)];
    await build("going", { steps: steps("one") }, { tags: ["one"] });
    await build("going", { steps: steps("two") }, { tags: ["two"] });
    const { isolation } = temporary.parts;
    const { deleteSnapshot } = isolation;
    let late: Promise<unknown> | undefined;
    isolation.deleteSnapshot = async (id) => {
      await (late ??= build("late", { steps: steps("two") }));
      await deleteSnapshot.call(isolation, id);
    };
    await engine.templates.delete("going");
    isolation.deleteSnapshot = deleteSnapshot;
    expect(late).toBeDefined();
    expect(await said("late", "cat word")).toBe("two");
  });

  test("keeps a build as long as a tag or a sandbox needs it", async () => {
    const old = await build("moving", { steps: [run("echo old > n")] });
    await engine.sandboxes.create({ name: "holder", template: "moving" });
    await build("moving", { steps: [run("echo new > n")] });
    expect(temporary.parts.store.builds.get(old.id)).toBeDefined();
    await engine.sandboxes.delete("holder");
    await build("moving", { steps: [run("echo newer > n")] });
    expect(temporary.parts.store.builds.get(old.id)).toBeUndefined();
    expect(temporary.parts.store.layers.get(old.layers[0]!)).toBeUndefined();
  });

  test("named base is the empty one, for whichever user", async () => {
    const { sandbox } = await engine.sandboxes.create({
      name: "empty",
      template: "base",
      user: "user",
    });
    const template = { templateId: "base", buildId: "base", name: "base", user: "user" };
    expect(sandbox).toMatchObject({ cwd: "/home/user", user: "user", env: {}, template });
    expect(sandbox).not.toHaveProperty("currentSnapshotId");
    await engine.sandboxes.delete("empty");
  });

  test("gives way to what the caller says, and is told by the sandbox", async () => {
    const { id, templateId } = await build("sized", {
      steps: [{ type: "env", variables: { A: "template", B: "template" } }],
    });
    const { sandbox } = await engine.sandboxes.create({
      name: "sized",
      template: "sized",
      env: { A: "caller" },
      memoryMb: 512,
    });
    expect(sandbox).toMatchObject({
      env: { A: "caller", B: "template" },
      memoryMb: 512,
      vcpus: 2,
      template: { templateId, buildId: id, name: "sized" },
    });
    expect(await engine.templates.get("sized")).toMatchObject({ spawnCount: 1 });
    await engine.sandboxes.delete("sized");
  });
});

describe("an engine that ends", () => {
  test("cuts its builds short, and the next one says so and has deleted what they left", async () => {
    await using other = await temporaryEngine();
    const { template, build: made } = await other.engine.templates.create({ names: ["cut"] });
    await other.engine.templates.startBuild(template.id, made.id, {
      steps: [run("echo kept > kept"), run("echo here; sleep 60")],
    });
    for await (const { message } of other.engine.templates.logs(template.id, made.id)) {
      if (message === "here") break;
    }
    expect(other.engine.isBusy()).toBe(true);
    await other.engine[Symbol.asyncDispose]();
    expect(other.parts.store.layers.all()).toEqual([]);
    // As one that was killed leaves it.
    const left = other.parts.store.builds.get(made.id)!;
    other.parts.store.builds.put({ ...left, status: "building" });
    const next = await startEngine(other.parts);
    const { build: told } = await next.templates.status(template.id, made.id);
    expect(told).toMatchObject({
      status: "error",
      error: { message: expect.stringContaining("ended before") },
    });
    await next[Symbol.asyncDispose]();
  });

  test("ends a step that takes longer than it may", async () => {
    const { clock }: { clock: ManualClock } = temporary;
    const { template, build: made } = await engine.templates.create({ names: ["late"] });
    await engine.templates.startBuild(template.id, made.id, {
      steps: [run("echo here; sleep 60")],
    });
    for await (const { message } of engine.templates.logs(template.id, made.id)) {
      if (message === "here") clock.advance(60 * 60 * 1_000);
    }
    expect(await engine.templates.wait(template.id, made.id)).toMatchObject({
      status: "error",
      error: { step: 0 },
    });
  });
});
