import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedTransport } from "sandlot/host";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ErrorAnswer } from "@/studio/contract/errors.ts";
import { ModelList } from "@/studio/contract/model.ts";
import { Project } from "@/studio/contract/project.ts";
import { sharedStudio } from "@/studio/server/shared-studio.ts";
import * as chat from "./chat/route.ts";
import * as stop from "./chat/[projectId]/stop/route.ts";
import * as chatStream from "./chat/[projectId]/stream/route.ts";
import * as errors from "./errors/route.ts";
import * as generate from "./generate/route.ts";
import * as models from "./models/route.ts";
import * as checkpoints from "./projects/[projectId]/checkpoints/route.ts";
import * as diff from "./projects/[projectId]/checkpoints/[checkpointId]/diff/route.ts";
import * as restore from "./projects/[projectId]/checkpoints/[checkpointId]/restore/route.ts";
import * as download from "./projects/[projectId]/download/route.ts";
import * as events from "./projects/[projectId]/events/route.ts";
import * as project from "./projects/[projectId]/route.ts";
import * as projects from "./projects/route.ts";
import * as commandLogs from "./sandboxes/[sandboxId]/cmds/[cmdId]/logs/route.ts";
import * as command from "./sandboxes/[sandboxId]/cmds/[cmdId]/route.ts";
import * as commands from "./sandboxes/[sandboxId]/cmds/route.ts";
import * as files from "./sandboxes/[sandboxId]/files/route.ts";
import * as tree from "./sandboxes/[sandboxId]/files/tree/route.ts";
import * as sandbox from "./sandboxes/[sandboxId]/route.ts";
import * as terminal from "./sandboxes/[sandboxId]/terminals/[terminalId]/route.ts";
import * as terminals from "./sandboxes/[sandboxId]/terminals/route.ts";

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "sandlot-routes-"));
  vi.stubEnv("SANDLOT_HOME", home);
  vi.stubEnv("SANDLOT_ENGINE", "embedded");
});

afterAll(async () => {
  await (await sharedStudio())[Symbol.asyncDispose]();
  await sharedTransport().close();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

const IDS = {
  projectId: "none",
  sandboxId: "none",
  cmdId: "none",
  checkpointId: "none",
  terminalId: "none",
};

type Handler = (request: Request, context: { params: Promise<typeof IDS> }) => Promise<Response>;

async function call(
  handler: Handler,
  { method = "POST", body, query = "" }: { method?: string; body?: unknown; query?: string } = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request(`http://localhost/api${query}`, {
    method,
    ...(body !== undefined && { body: text }),
  });
  return handler(request, { params: Promise.resolve(IDS) });
}

const message = { id: "m1", role: "user", parts: [{ type: "text", text: "Hi" }] };
const many = Array.from({ length: 21 }, () => ({ source: "browser", message: "x" }));

test.each<[string, Handler, unknown, string | undefined]>([
  ["no JSON", projects.POST, "{", undefined],
  ["a list", projects.POST, [], undefined],
  ["an unknown field", projects.POST, { nam: "x" }, "nam"],
  ["an empty name", projects.POST, { name: " " }, "name"],
  ["a name that is too long", projects.POST, { name: "x".repeat(81) }, "name"],
  ["a type that is none", projects.POST, { type: "shop" }, "type"],
  ["a number for a name", project.PATCH, { name: 3 }, "name"],
  ["an approval that is none", project.PATCH, { approval: "never" }, "approval"],
  ["neither message nor answers", chat.POST, { projectId: "a" }, "message"],
  [
    "both",
    chat.POST,
    { projectId: "a", message, approvals: [{ approvalId: "x", approved: true }] },
    "message",
  ],
  ["no project", chat.POST, { message }, "projectId"],
  ["a project outside of its folder", chat.POST, { projectId: "../x", message }, "projectId"],
  [
    "a message of the agent's",
    chat.POST,
    { projectId: "a", message: { ...message, role: "assistant" } },
    "message.role",
  ],
  [
    "an empty message",
    chat.POST,
    { projectId: "a", message: { ...message, parts: [] } },
    "message.parts",
  ],
  [
    "a part that is no text",
    chat.POST,
    { projectId: "a", message: { ...message, parts: [{ type: "tool-stop" }] } },
    "message.parts.0.type",
  ],
  [
    "an answer without a yes or no",
    chat.POST,
    { projectId: "a", approvals: [{ approvalId: "x" }] },
    "approvals.0.approved",
  ],
  ["no errors", errors.POST, { projectId: "a", errors: [] }, "errors"],
  ["too many errors", errors.POST, { projectId: "a", errors: many }, "errors"],
  [
    "an error from nowhere",
    errors.POST,
    { projectId: "a", errors: [{ source: "x", message: "y" }] },
    "errors.0.source",
  ],
  ["no prompt", generate.POST, {}, "prompt"],
  ["a prompt of blanks", generate.POST, { prompt: "  " }, "prompt"],
  ["no action", sandbox.POST, {}, "action"],
  ["an action that is none", sandbox.POST, { action: "explode" }, "action"],
  ["a name that is none", sandbox.POST, { action: "fork", name: "../x" }, "name"],
  ["no command", commands.POST, {}, "command"],
  ["an empty command", commands.POST, { command: " " }, "command"],
  ["a size that is none", terminals.POST, { cols: 0 }, "cols"],
  ["input that is no text", terminal.POST, { data: 3 }, undefined],
])("answers 400 to %s and names the field", async (_title, handler, body, field) => {
  const response = await call(handler, { body });
  expect(response.status).toBe(400);
  const { error } = ErrorAnswer.parse(await response.json());
  expect(error).toMatchObject({ code: "bad_request", ...(field && { field }) });
  expect(error.message.length).toBeGreaterThan(10);
});

test.each<[string, Handler, string, string]>([
  ["files without a path", files.GET, "GET", ""],
  ["a save without a path", files.PUT, "PUT", ""],
  ["a path that is too long", tree.GET, "GET", `?path=${"x".repeat(5_000)}`],
  ["a signal that is none", command.DELETE, "DELETE", "?signal=SIGSTOP"],
])("answers 400 to %s", async (_title, handler, method, query) => {
  const response = await call(handler, { method, query });
  expect(response.status).toBe(400);
  expect(ErrorAnswer.parse(await response.json()).error.field).toBe(
    query.startsWith("?signal") ? "signal" : "path",
  );
});

test.each<[string, Handler, { method: string; body?: unknown; query?: string }, string]>([
  ["a project", project.GET, { method: "GET" }, "project_not_found"],
  ["a project to change", project.PATCH, { method: "PATCH", body: {} }, "project_not_found"],
  ["a project to delete", project.DELETE, { method: "DELETE" }, "project_not_found"],
  ["a project to watch", events.GET, { method: "GET" }, "project_not_found"],
  ["a project to download", download.GET, { method: "GET" }, "project_not_found"],
  ["a project's history", checkpoints.GET, { method: "GET" }, "project_not_found"],
  ["a diff", diff.GET, { method: "GET" }, "project_not_found"],
  ["a checkpoint", restore.POST, { method: "POST" }, "project_not_found"],
  [
    "a project to talk to",
    chat.POST,
    { method: "POST", body: { projectId: "none", message } },
    "project_not_found",
  ],
  ["a project to join", chatStream.GET, { method: "GET" }, "project_not_found"],
  ["a project to stop", stop.POST, { method: "POST" }, "project_not_found"],
  [
    "a project with errors",
    errors.POST,
    { method: "POST", body: { projectId: "none", errors: many.slice(1) } },
    "project_not_found",
  ],
  ["a sandbox", sandbox.GET, { method: "GET" }, "sandbox_not_found"],
  [
    "a sandbox to stop",
    sandbox.POST,
    { method: "POST", body: { action: "stop" } },
    "sandbox_not_found",
  ],
  [
    "a sandbox to fork",
    sandbox.POST,
    { method: "POST", body: { action: "fork" } },
    "sandbox_not_found",
  ],
  ["a sandbox to delete", sandbox.DELETE, { method: "DELETE" }, "sandbox_not_found"],
  ["a sandbox's file", files.GET, { method: "GET", query: "?path=a" }, "sandbox_not_found"],
  [
    "a file to save",
    files.PUT,
    { method: "PUT", query: "?path=a", body: "x" },
    "sandbox_not_found",
  ],
  ["a sandbox's tree", tree.GET, { method: "GET" }, "sandbox_not_found"],
  ["a sandbox's commands", commands.GET, { method: "GET" }, "sandbox_not_found"],
  [
    "a sandbox for a command",
    commands.POST,
    { method: "POST", body: { command: "ls" } },
    "sandbox_not_found",
  ],
  ["a command", command.GET, { method: "GET" }, "sandbox_not_found"],
  ["a command to kill", command.DELETE, { method: "DELETE" }, "sandbox_not_found"],
  ["a command's logs", commandLogs.GET, { method: "GET" }, "sandbox_not_found"],
  ["a sandbox for a terminal", terminals.POST, { method: "POST", body: {} }, "sandbox_not_found"],
  ["a terminal to read", terminal.GET, { method: "GET" }, "terminal_not_found"],
  [
    "a terminal to write to",
    terminal.POST,
    { method: "POST", body: { data: "x" } },
    "terminal_not_found",
  ],
  ["a terminal to close", terminal.DELETE, { method: "DELETE" }, "terminal_not_found"],
])("answers 404 for %s that is not there", async (_title, handler, request, code) => {
  const response = await call(handler, request);
  expect(response.status).toBe(404);
  expect(ErrorAnswer.parse(await response.json()).error.code).toBe(code);
});

test("creates, changes and lists projects, and lists models", async () => {
  const created = await call(projects.POST, { body: { name: "A", type: "game" } });
  expect(created.status).toBe(201);
  const made = Project.parse(await created.json());
  expect(made).toMatchObject({
    name: "A",
    type: "game",
    approval: "auto",
    turn: { status: "idle" },
  });
  const listed = await projects.GET();
  expect(await listed.json()).toEqual({ projects: [made] });
  const list = ModelList.parse(await (await models.GET()).json());
  expect(list.models.map(({ id }) => id)).toContain(list.default);
});

test("a request that is too large is refused before it is read whole", async () => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
  });
  const request = new Request("http://localhost/api", {
    method: "POST",
    body,
    duplex: "half",
  } as RequestInit);
  const response = await projects.POST(request);
  expect(response.status).toBe(413);
  expect(sent).toBeLessThan(15);
});
