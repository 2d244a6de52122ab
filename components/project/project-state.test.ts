import { expect, test } from "vitest";
import type { CommandSummary } from "@/studio/contract/command.ts";
import type { ProjectEvent } from "@/studio/contract/events.ts";
import type { Project } from "@/studio/contract/project.ts";
import { applyProjectEvent, initialProjectState, withCommand } from "./project-state.ts";

const project: Project = {
  id: "p1",
  name: "Bakery",
  type: "website",
  approval: "auto",
  autoFix: true,
  createdAt: 1,
  updatedAt: 1,
  turn: { status: "idle" },
};

const command = (cmdId: string, startedAt: number, exitCode: number | null = null) =>
  ({
    cmdId,
    command: `run ${cmdId}`,
    cwd: "/vercel/sandbox",
    startedAt,
    exitCode,
    background: false,
    source: "agent",
  }) satisfies CommandSummary;

const snapshot: ProjectEvent = {
  type: "snapshot",
  project,
  sandbox: null,
  commands: [command("a", 1)],
  preview: { phase: "none", message: "No app yet." },
  checkpoints: [],
};

test("the first snapshot does not ask for the messages again, each later one does", () => {
  const first = applyProjectEvent(initialProjectState(project), snapshot);
  expect([first.loaded, first.messagesRevision, first.filesRevision]).toEqual([true, 0, 1]);
  const second = applyProjectEvent(first, snapshot);
  expect([second.messagesRevision, second.filesRevision]).toEqual([1, 2]);
});

test("a command that ends takes the place of itself, a new one comes first", () => {
  const commands = [command("b", 2), command("a", 1)];
  expect(withCommand(commands, command("a", 1, 0)).map(({ exitCode }) => exitCode)).toEqual([
    null,
    0,
  ]);
  expect(withCommand(commands, command("c", 3)).map(({ cmdId }) => cmdId)).toEqual(["c", "b", "a"]);
  expect(withCommand(commands, command("z", 0)).map(({ cmdId }) => cmdId)).toEqual(["b", "a", "z"]);
});

test("what auto-fix said is forgotten when a turn begins, and not by other changes", () => {
  const decision = { decision: "ignore", message: "It is off.", remaining: 2 } as const;
  let state = applyProjectEvent(initialProjectState(project), { type: "auto-fix", decision });
  state = applyProjectEvent(state, { type: "project", project: { ...project, name: "Bread" } });
  expect([state.autoFix, state.project.name]).toEqual([decision, "Bread"]);
  state = applyProjectEvent(state, {
    type: "project",
    project: { ...project, turn: { status: "running" } },
  });
  expect(state.autoFix).toBeUndefined();
});

test("an event leaves the identity of what it does not touch", () => {
  const before = applyProjectEvent(initialProjectState(project), snapshot);
  const after = applyProjectEvent(before, { type: "files" });
  expect(after.commands).toBe(before.commands);
  expect(after.project).toBe(before.project);
  expect(after.filesRevision).toBe(before.filesRevision + 1);
});
