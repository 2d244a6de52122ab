import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandboxService } from "../../../testing/envd-client.ts";
import { interpreterService } from "./interpreter-service.ts";

let open: Awaited<ReturnType<typeof openSandboxService>>;
beforeAll(async () => {
  open = await openSandboxService(interpreterService);
});
afterAll(async () => open[Symbol.asyncDispose]());

const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  open.ask(path, { method: "POST", body: JSON.stringify(body) }, headers);

test("an execution is one JSON object per line, with its end", async () => {
  const response = await post("/execute", { code: "print('hello')\n'a'" });
  const lines = (await response.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { type: "number_of_executions", execution_count: 1 },
    { type: "stdout", text: "hello\n", timestamp: expect.any(String) },
    { type: "result", is_main_result: true, text: "a" },
    { type: "end_of_execution" },
  ]);
  expect(await (await open.ask("/health", {}, {})).json()).toBe("OK");
});

test("contexts are made, listed, restarted and removed", async () => {
  const made = (await (await post("/contexts", { language: "sh", cwd: "/tmp" })).json()) as object;
  expect(made).toMatchObject({ detail: expect.anything() });
  const context = (await (await post("/contexts", { language: "Bash", cwd: "/tmp" })).json()) as {
    id: string;
  };
  expect(context).toEqual({ id: context.id, language: "bash", cwd: "/tmp" });
  const listed = (await (await open.ask("/contexts")).json()) as { language: string }[];
  expect(listed.map(({ language }) => language).toSorted()).toEqual([
    "bash",
    "javascript",
    "python",
  ]);
  expect((await post(`/contexts/${context.id}/restart`, {})).status).toBe(200);
  const removed = await open.ask(`/contexts/${context.id}`, { method: "DELETE" });
  expect(removed.status).toBe(200);
  expect(await (await open.ask("/contexts")).json()).not.toContainEqual(context);
});

test.each([
  ["no token", "POST", "/execute", { code: "1" }, {}, 401],
  ["a wrong token", "POST", "/execute", { code: "1" }, { "x-access-token": "wrong" }, 401],
  ["code that is no text", "POST", "/execute", { code: 1 }, undefined, 422],
  ["no code", "POST", "/execute", {}, undefined, 422],
  [
    "a language that is not there",
    "POST",
    "/execute",
    { code: "1", language: "r" },
    undefined,
    422,
  ],
  [
    "a context and a language",
    "POST",
    "/execute",
    { code: "1", context_id: "x", language: "js" },
    undefined,
    400,
  ],
  ["an unknown context", "POST", "/execute", { code: "1", context_id: "x" }, undefined, 404],
  [
    "variables that are none",
    "POST",
    "/execute",
    { code: "1", env_vars: { "a=b": "c" } },
    undefined,
    422,
  ],
  ["a directory that is not there", "POST", "/contexts", { cwd: "/no/such" }, undefined, 400],
  ["restarting what is not there", "POST", "/contexts/x/restart", {}, undefined, 404],
  ["removing what is not there", "DELETE", "/contexts/x", undefined, undefined, 404],
  ["an id that is not encoded right", "DELETE", "/contexts/%E0", undefined, undefined, 404],
  ["another path", "GET", "/other", undefined, undefined, 404],
] as const)("%s is refused", async (_what, method, path, body, headers, status) => {
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  expect((await open.ask(path, init, headers)).status).toBe(status);
});

test("TypeScript that is none is an error of the execution", async () => {
  const response = await post("/execute", { code: "const x: = 1", language: "ts" });
  const lines = (await response.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ type: "error", name: "SyntaxError" }),
    { type: "end_of_execution" },
  ]);
});
