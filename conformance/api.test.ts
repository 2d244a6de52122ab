import { Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";
import { waitForOutput } from "./texts.ts";

interface CommandLine {
  command?: { id: string; exitCode: number | null; durationMs?: number };
  stream?: string;
  data?: unknown;
}

function linesOf(text: string): CommandLine[] {
  // An empty line is a keep-alive.
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CommandLine);
}

forEachTransport((connection) => {
  describe("on the wire", () => {
    proves("API-002", "ERR-001")("errors have a code and a message", async () => {
      const missing = await rejection(Sandbox.get({ name: "nobody-is-called-so" }));
      const { APIError } = await import("sandlot");
      expect(missing).toBeInstanceOf(APIError);
      expect(missing).toMatchObject({
        response: { status: 404 },
        json: {
          error: { code: "not_found", message: expect.stringContaining("nobody-is-called-so") },
        },
        text: expect.stringContaining("nobody-is-called-so"),
      });
      expect(missing.message).toBe(`Status code 404 is not ok: ${missing.json?.error.message}`);
    });

    proves(
      "API-003",
      "API-004",
      "API-006",
    )("accounts, content types and private keys do not matter", async () => {
      const created = await connection().post("/v3/sandboxes?teamId=team_x", {
        projectId: "prj_x",
        ports: [],
        __interactive: true,
      });
      expect(created.status).toBe(200);
      const { sandbox } = (await created.json()) as { sandbox: { name: string } };
      const query = "teamId=t&projectId=p&__includeSystemRoutes=true";
      const found = await connection().call(`/v2/sandboxes/${sandbox.name}?${query}`, {
        headers: { "content-type": "application/json", "user-agent": "vercel/sandbox/3.5.0" },
      });
      expect(found.status).toBe(200);
      expect(found.headers.get("content-type")).toMatch(/^application\/json/);
      const deleted = await connection().call(`/v2/sandboxes/${sandbox.name}?projectId=p`, {
        method: "DELETE",
        headers: { "content-type": "application/json" },
      });
      expect(deleted.status).toBe(200);
    });

    proves("API-007")("sandboxes are made at both versions", async () => {
      for (const [path, body] of [
        ["/v2/sandboxes", { projectId: "p", ports: [], runtime: "node24" }],
        ["/v3/sandboxes", { projectId: "p", ports: [] }],
      ] as const) {
        const created = await connection().post(path, body);
        const { sandbox } = (await created.json()) as { sandbox: { name: string } };
        expect((await Sandbox.get({ name: sandbox.name })).status).toBe("running");
        await (await Sandbox.get({ name: sandbox.name })).delete();
      }
    });

    proves("API-008", "API-009")("what makes no sense is refused in so many words", async () => {
      const { call, post } = connection();
      const unknown = await post("/v3/sandboxes", { ports: [], colour: "red" });
      expect(unknown.status).toBe(400);
      expect(await unknown.text()).toContain("colour");
      const broken = await call("/v3/sandboxes", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{",
      });
      const elsewhere = await call("/v2/nowhere");
      const method = await call("/v2/sandboxes", { method: "PUT" });
      for (const [response, status] of [
        [broken, 400],
        [elsewhere, 404],
        [method, 405],
      ] as const) {
        expect(response.status).toBe(status);
        expect(await response.json()).toEqual({
          error: { code: expect.any(String), message: expect.any(String) },
        });
      }
    });

    proves("API-005")("times are whole milliseconds", async () => {
      await using sandbox = await connection().create();
      const response = await connection().call(`/v2/sandboxes/${sandbox.name}`);
      const { session } = (await response.json()) as { session: Record<string, unknown> };
      for (const name of ["requestedAt", "startedAt", "createdAt", "updatedAt"]) {
        expect(session[name], name).toSatisfy(Number.isInteger);
        expect(Math.abs(Number(session[name]) - Date.now()), name).toBeLessThan(60_000);
      }
    });

    proves(
      "API-010",
      "API-011",
      "CMD-046",
      "CMD-047",
    )("a command's stream begins and ends with the command", async () => {
      await using sandbox = await connection().create();
      const path = `/v2/sandboxes/sessions/${sandbox.currentSession().sessionId}/cmd`;
      const waitFor = (file: string) => `until [ -e ${file} ]; do sleep 0.02; done`;
      const script = `${waitFor("go")}; echo out; ${waitFor("more")}; echo err >&2; exit 4`;
      const response = await connection().post(path, {
        command: "sh",
        args: ["-c", script],
        env: {},
        sudo: false,
        wait: true,
        logs: true,
      });
      // The headers are here although the command waits for what comes next.
      expect(response.headers.get("content-type")).toBe("application/x-ndjson");
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = (await reader?.read())?.value ?? "";
      const [first] = linesOf(text);
      expect(first?.command?.exitCode).toBeNull();
      await sandbox.writeFiles([{ path: "go", content: "" }]);
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        text += next.value;
        // What comes next is written when this was read.
        if (text.endsWith("\n") && linesOf(text).at(-1)?.data === "out\n") {
          await sandbox.writeFiles([{ path: "more", content: "" }]);
        }
      }
      const lines = linesOf(text);
      expect(lines.at(-1)?.command).toMatchObject({
        id: first?.command?.id,
        exitCode: 4,
        durationMs: expect.any(Number),
      });
      expect(lines.slice(1, -1).map(({ stream, data }) => ({ stream, data }))).toEqual([
        { stream: "stdout", data: "out\n" },
        { stream: "stderr", data: "err\n" },
      ]);
    });

    proves("CMD-042", "API-018")("commands are listed in pages", async () => {
      await using sandbox = await connection().create();
      for (let each = 0; each < 5; each++) await sandbox.runCommand("sh", ["-c", `exit ${each}`]);
      const { sessionId } = sandbox.currentSession();
      const codes: (number | null)[][] = [];
      let cursor = "";
      do {
        const response = await connection().call(
          `/v2/sandboxes/sessions/${sessionId}/cmd?limit=2&sortOrder=asc${cursor}`,
        );
        const page = (await response.json()) as {
          commands: { exitCode: number | null }[];
          pagination: { count: number; next: string | null };
        };
        expect(page.pagination.count).toBe(page.commands.length);
        codes.push(page.commands.map(({ exitCode }) => exitCode));
        const { next } = page.pagination;
        cursor = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
      } while (cursor !== "");
      expect(codes).toEqual([[0, 1], [2, 3], [4]]);
    });

    proves("CMD-043", "CMD-044")("a command reads what is written to its stdin", async () => {
      await using sandbox = await connection().create();
      const base = `/v2/sandboxes/sessions/${sandbox.currentSession().sessionId}/cmd`;
      const started = await connection().post(base, {
        command: "sh",
        args: ["-c", "read first; echo got $first; cat; echo end"],
        env: {},
        sudo: false,
        attachStdin: true,
      });
      const { command } = (await started.json()) as { command: { id: string } };
      const write = (text: string, fields: object = {}) =>
        connection().post(`${base}/${command.id}/stdin`, {
          data: Buffer.from(text).toString("base64"),
          ...fields,
        });
      expect((await write("hello\n", { offset: 0 })).status).toBe(200);
      await waitForOutput(await sandbox.getCommand(command.id), "got hello\n");
      const gap = await write("lost", { offset: 100 });
      expect(gap.status).toBe(409);
      const next = await write("more\n", { offset: 6 });
      expect(await next.json()).toEqual({ bytesWritten: 11 });
      expect((await write("", { close: true })).status).toBe(200);
      const finished = await (await sandbox.getCommand(command.id)).wait();
      expect(await finished.stdout()).toBe("got hello\nmore\nend\n");
    });

    proves("ERR-003")("a stream that cannot go on says so", async () => {
      await using sandbox = await connection().create();
      const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
      const { StreamError } = await import("sandlot");
      const path = `/v2/sandboxes/sessions/${sandbox.currentSession().sessionId}/cmd/${command.cmdId}/logs`;
      const response = await connection().call(path);
      expect(response.headers.get("content-type")).toBe("application/x-ndjson");
      await sandbox.delete();
      const outcome = linesOf(await response.text()).at(-1);
      // Either the log ended with the command, or the last line says why it did not.
      if (outcome) {
        expect(outcome).toEqual({
          stream: "error",
          data: { code: expect.any(String), message: expect.any(String) },
        });
      }
      expect(new StreamError("sandbox_stopped", "stopped", "sbx_1").name).toBe("StreamError");
    });
  });
});
