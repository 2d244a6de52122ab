import { expect, test } from "vitest";
import type { ProjectEvent } from "../contract/events.ts";
import { newProject, projectWithSandbox, startAsAgent } from "../testing/new-project.ts";
import { nextEvent } from "../testing/next-event.ts";
import { scriptedAgent } from "../testing/scripted-agent.ts";
import { temporaryStudio } from "../testing/temporary-studio.ts";
import { sandboxAsItIs } from "./sandboxes/find-sandbox.ts";

const SERVER = `node -e 'require("http").createServer((q, r) => r.end("<p>hi")).listen(3000)'`;

test("projects are there after a restart, those used last first", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const a = newProject(temporary.studio, { name: "A", type: "game", approval: "ask" });
  const b = newProject(temporary.studio, { name: "B" });
  // Times are in whole milliseconds.
  await expect.poll(() => Date.now()).toBeGreaterThan(b.updatedAt);
  temporary.studio.updateProject(a.id, { name: "A2", modelId: "x/y" });
  const studio = await temporary.reopen();
  expect(studio.projects.list()).toEqual([
    { ...a, name: "A2", modelId: "x/y", updatedAt: expect.any(Number) },
    b,
  ]);
  expect(() => studio.projects.get("none")).toThrow("does not exist");
});

test("who opens a project is told all that is known, then what happens", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const project = await projectWithSandbox(studio, { name: "Watched" });
  const { id } = project;
  const left = new AbortController();
  const events = studio.watch(id, left.signal);
  const next = async (): Promise<ProjectEvent> => (await events.next()).value as ProjectEvent;
  expect(await next()).toMatchObject({
    type: "snapshot",
    project: { name: "Watched" },
    sandbox: { status: "running", project: { id, name: "Watched" } },
    commands: [],
    preview: { phase: "stopped" },
    checkpoints: [],
  });
  const up = nextEvent(studio, id, "preview", ({ preview }) => preview.phase === "up");
  await startAsAgent(project, SERVER);
  const { preview } = await up;
  expect(preview).toMatchObject({
    port: 3000,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/),
  });
  const answer = await fetch(preview.url!);
  expect(answer.status).toBe(200);
  studio.updateProject(id, { name: "Renamed" });
  let event = await next();
  while (event.type !== "project") event = await next();
  expect(event.project.name).toBe("Renamed");
  left.abort();
  while (!(await events.next()).done);
});

test("the preview tells of a crash with the last lines, and of a stop", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const project = await projectWithSandbox(studio, { autoFix: false });
  const { id, sandboxId } = project;
  using _watching = studio.events.subscribe(id, () => undefined);
  const crashed = nextEvent(studio, id, "preview", ({ preview }) => preview.phase === "crashed");
  await startAsAgent(project, "echo one; echo two; exit 9");
  expect((await crashed).preview).toMatchObject({ exitCode: 9, lastLines: ["one", "two"] });
  await studio.sandboxes.act(sandboxId, { action: "stop" });
  expect(await studio.previews.refresh(id)).toMatchObject({ phase: "stopped" });
});

test("deleting a project deletes its sandbox and ends who watches it", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const project = await projectWithSandbox(studio);
  const { id, sandboxId } = project;
  await startAsAgent(project, "sleep 1000");
  const deleted = nextEvent(studio, id, "deleted");
  await studio.deleteProject(id);
  await deleted;
  expect(studio.projects.list()).toEqual([]);
  await expect(sandboxAsItIs(sandboxId)).rejects.toMatchObject({ code: "sandbox_not_found" });
});

test("lists all sandboxes; snapshots, forks and deletes them, and a project forgets a deleted one", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const { id, sandboxId, sandbox } = await projectWithSandbox(studio, { name: "Mine" });
  await sandbox.writeFiles([{ path: "a.txt", content: "a" }]);
  const { snapshotId } = await studio.sandboxes.act(sandboxId, { action: "snapshot" });
  expect(snapshotId).toEqual(expect.any(String));
  const forked = await studio.sandboxes.act(sandboxId, { action: "fork", name: "copy" });
  expect(forked.sandbox).toMatchObject({ sandboxId: "copy", status: "running" });
  const copy = await sandboxAsItIs("copy");
  expect(String(await copy.readFileToBuffer({ path: "a.txt" }))).toBe("a");
  const { sandboxes } = await studio.sandboxes.list();
  expect(sandboxes.map((each) => [each.sandboxId, each.status, each.project?.name])).toEqual([
    ["copy", "running", undefined],
    [sandboxId, "stopped", "Mine"],
  ]);
  await studio.sandboxes.remove(sandboxId);
  expect(studio.projects.get(id).sandboxId).toBeUndefined();
  await expect(studio.sandboxes.act("none", { action: "stop" })).rejects.toMatchObject({
    code: "sandbox_not_found",
  });
});
