import { Sandbox, type SandboxOpts } from "@e2b/code-interpreter";
import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, killing } from "./harness.ts";

const create = async (options: SandboxOpts = {}) => killing(await Sandbox.create(options));

forE2b((e2b) => {
  describe("the code interpreter", () => {
    proves(
      "CIN-001",
      "CIN-002",
      "CIN-003",
      "CIN-007",
    )("runs Python piece by piece", async () => {
      await using sandbox = await create();
      expect((await sandbox.runCode("x = 1; x += 1; x")).text).toBe("2");
      expect((await sandbox.runCode("x + 1")).text).toBe("3");
      expect((await sandbox.runCode("'a text'")).text).toBe("a text");
      const lines: string[] = [];
      const told = await sandbox.runCode(
        "import sys\nfor i in range(3): print(i)\nprint('err', file=sys.stderr)\n{'k': [1]}",
        {
          onStdout: ({ line }) => void lines.push(line),
          onStderr: ({ line }) => void lines.push(`! ${line}`),
          onResult: ({ text }) => void lines.push(`= ${text}`),
        },
      );
      expect(told.logs.stdout.join("")).toBe("0\n1\n2\n");
      expect(told.logs.stderr.join("")).toBe("err\n");
      expect(lines.join("")).toContain("0\n1\n2\n");
      expect(lines.at(-1)).toBe("= {'k': [1]}");
      expect(told.executionCount).toBe(4);
      const failed = await sandbox.runCode("def f():\n  1 / 0\nf()");
      expect(failed.error).toMatchObject({ name: "ZeroDivisionError", value: "division by zero" });
      expect(failed.error?.traceback).toContain("1 / 0");
      const shown = await sandbox.runCode(`
class Shape:
  def _repr_html_(self): return "<b>shape</b>"
  def _repr_png_(self): return bytes([137, 80, 78, 71])
  def _repr_json_(self): return {"sides": 3}
display(Shape())
Shape()`);
      expect(shown.results).toHaveLength(2);
      expect(shown.results[0]).toMatchObject({ isMainResult: false, html: "<b>shape</b>" });
      expect(shown.results[1]).toMatchObject({
        isMainResult: true,
        png: "iVBORw==",
        json: { sides: 3 },
      });
      expect(shown.results[1]?.formats()).toEqual(["html", "png", "json"]);
    });

    proves("CIN-004")("runs JavaScript, TypeScript and bash beside it", async () => {
      await using sandbox = await create();
      const run = (code: string, language: string) => sandbox.runCode(code, { language });
      await run("const x = [1, 2, 3].map((n) => n * 2)", "js");
      expect((await run("await Promise.resolve(x.at(-1))", "javascript")).text).toBe("6");
      const typed = await run("interface P { n: number }\nconst p: P = { n: 7 }; p.n", "ts");
      expect([typed.text, typed.error]).toEqual(["7", undefined]);
      await run("cd /tmp; word=kept", "bash");
      expect((await run("echo $word; pwd", "bash")).logs.stdout.join("")).toBe("kept\n/tmp\n");
      expect((await run("throw new RangeError('out')", "js")).error).toMatchObject({
        name: "RangeError",
        value: "out",
      });
      const unknown = await rejection(run("1", "cobol"));
      expect(unknown.message).toContain("422");
    });

    proves("CIN-005")("has contexts", async () => {
      await using sandbox = await create();
      const first = await sandbox.listCodeContexts();
      expect(first.map(({ language }) => language).toSorted()).toEqual(["javascript", "python"]);
      await sandbox.files.makeDir("here");
      const context = await sandbox.createCodeContext({ cwd: "/home/user/here" });
      expect(context).toMatchObject({ language: "python", cwd: "/home/user/here" });
      await sandbox.runCode("x = 5; open('made.txt', 'w').write('x')", { context });
      expect(await sandbox.files.exists("here/made.txt")).toBe(true);
      expect((await sandbox.runCode("x", { context })).text).toBe("5");
      expect((await sandbox.runCode("x")).error).toMatchObject({ name: "NameError" });
      await sandbox.restartCodeContext(context);
      expect((await sandbox.runCode("x", { context })).error).toMatchObject({ name: "NameError" });
      expect(await sandbox.listCodeContexts()).toContainEqual(context);
      await sandbox.removeCodeContext(context.id);
      expect(await sandbox.listCodeContexts()).not.toContainEqual(context);
      const gone = await rejection(sandbox.runCode("1", { context }));
      expect(gone).toBeInstanceOf(e2b().sdk.NotFoundError);
    });

    proves("CIN-006")("sets variables for one call", async () => {
      await using sandbox = await create({ envs: { OWN: "sandbox" } });
      const code = "import os; f\"{os.environ['OWN']} {os.environ.get('CALL')}\"";
      expect((await sandbox.runCode(code, { envs: { CALL: "a b" } })).text).toBe("sandbox a b");
      expect((await sandbox.runCode(code)).text).toBe("sandbox None");
      const over = await sandbox.runCode(code, { envs: { OWN: "call" } });
      expect(over.text).toBe("call None");
      expect((await sandbox.runCode(code)).text).toBe("sandbox None");
    });

    proves("CIN-008", "CIN-009")(
      "interrupts what takes too long, and asks for the token",
      async () => {
        await using sandbox = await create();
        await sandbox.runCode("x = 'still here'");
        const late = await rejection(sandbox.runCode("while True: pass", { timeoutMs: 1_000 }));
        expect(late.name).toBe("TimeoutError");
        expect((await sandbox.runCode("x")).text).toBe("still here");
        const url = e2b().environment["E2B_SANDBOX_URL"];
        for (const token of [undefined, "wrong"]) {
          const response = await fetch(`${url}/execute`, {
            method: "POST",
            headers: {
              "content-type": "application/json",
              "E2b-Sandbox-Id": sandbox.sandboxId,
              "E2b-Sandbox-Port": "49999",
              ...(token && { "X-Access-Token": token }),
            },
            body: JSON.stringify({ code: "1" }),
          });
          expect(response.status).toBe(401);
        }
      },
    );
  });
});
