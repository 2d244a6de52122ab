import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { SandboxError } from "../contract/errors.ts";
import { runToEnd } from "../testing/in-sandbox.ts";
import { sharedEngine } from "../testing/shared-engine.ts";
import type { Engine } from "./engine.ts";
import { bashInterrupted, bashRequest, bashStart } from "./interpreter/bash-kernel.ts";
import { type InterpreterEvent, type InterpreterLanguage, interpreters } from "./interpreters.ts";

let engine: Engine;
let sessionId = "";

sharedEngine((made) => void ({ engine } = made));
beforeAll(async () => {
  const { session } = await engine.sandboxes.create({ env: { FROM_SANDBOX: "yes" } });
  sessionId = session.id;
});

const all = () => interpreters(engine);

interface Where {
  cwd?: string;
  env?: Record<string, string>;
}

// What a machine happens to have installed must not decide what is tested.
const BUILT_IN = { SANDLOT_PYTHON_KERNEL: "built-in" };

/** A context that is deleted at the end, and what code gives in it. */
async function context(language: InterpreterLanguage, { cwd, env = BUILT_IN }: Where = {}) {
  const made = await all().create(sessionId, {
    language,
    env,
    ...(cwd !== undefined && { cwd }),
  });
  const events = (code: string, more: { env?: Record<string, string>; timeoutMs?: number } = {}) =>
    all().execute(sessionId, { contextId: made.id, code, ...more });
  return {
    made,
    events,
    async run(code: string, more: { env?: Record<string, string>; timeoutMs?: number } = {}) {
      const seen: InterpreterEvent[] = [];
      for await (const event of events(code, more)) seen.push(event);
      return summary(seen);
    },
    [Symbol.asyncDispose]: async () => all().delete(sessionId, made.id),
  };
}

function summary(events: InterpreterEvent[]) {
  const text = (type: "stdout" | "stderr") =>
    events.map((event) => (event.type === type ? event.text : "")).join("");
  const results = events.filter((event) => event.type === "result");
  return {
    stdout: text("stdout"),
    stderr: text("stderr"),
    value: results.find(({ isMain }) => isMain)?.formats["text/plain"],
    results,
    error: events.find((event) => event.type === "error"),
    count: events.find((event) => event.type === "count")?.executionCount,
  };
}

/** The same in each language: its state is kept, its errors are told, its variables are put back. */
const CASES = {
  python: {
    kernel: /^built-in, Python 3/,
    set: "x = 20",
    get: "x + 1",
    print: "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    fail: "def f():\n  raise ValueError('no good')\nf()",
    error: { name: "ValueError", value: "no good" },
    env: "import os; print(os.environ.get('WORD'), os.environ.get('FROM_SANDBOX'))",
    envGone: "None yes",
    loop: "while True: pass",
    cwd: "import os; print(os.getcwd())",
    exit: "import os; os._exit(3)",
    interrupted: "KeyboardInterrupt",
  },
  javascript: {
    kernel: /^built-in, Node\.js /,
    set: "const x = 20",
    get: "x + 1",
    print: "console.log('out'); console.error('err')",
    fail: "function f() { throw new TypeError('no good') }\nf()",
    error: { name: "TypeError", value: "no good" },
    env: "console.log(process.env.WORD, process.env.FROM_SANDBOX)",
    envGone: "undefined yes",
    loop: "while (true) {}",
    cwd: "console.log(process.cwd())",
    exit: "process.exit(3)",
    interrupted: "KeyboardInterrupt",
  },
  typescript: {
    kernel: /^built-in, Node\.js /,
    set: "enum E { A = 20 }\nconst x: number = E.A",
    get: "x + 1",
    print: "const words: string[] = ['out', 'err']; console.log(words[0]); console.error(words[1])",
    fail: "function f(): never { throw new TypeError('no good') }\nf()",
    error: { name: "TypeError", value: "no good" },
    env: "console.log(process.env.WORD as string, process.env.FROM_SANDBOX)",
    envGone: "undefined yes",
    loop: "await new Promise((): void => {})",
    cwd: "console.log(process.cwd())",
    exit: "process.exit(3)",
    interrupted: "KeyboardInterrupt",
  },
  bash: {
    kernel: /^bash 5/,
    set: "declare x=20",
    get: undefined,
    print: "echo out; echo err >&2",
    fail: "echo; (exit 3)",
    error: { name: "", value: "3" },
    env: "echo ${WORD-undefined} $FROM_SANDBOX",
    envGone: "undefined yes",
    loop: "while :; do :; done",
    cwd: "pwd",
    exit: "exit 3",
    interrupted: "",
  },
} as const;

describe.each(Object.keys(CASES) as InterpreterLanguage[])("%s", (language) => {
  const it = CASES[language];

  test("keeps its state, counts, and shows the last value, output and errors", async () => {
    await using here = await context(language);
    expect(here.made.kernel).toMatch(it.kernel);
    expect(await here.run(it.set)).toMatchObject({ count: 1, error: undefined });
    if (it.get) expect(await here.run(it.get)).toMatchObject({ value: "21" });
    else expect(await here.run("echo $((x+1))")).toMatchObject({ stdout: "21\n" });
    expect(await here.run(it.print)).toMatchObject({ stdout: "out\n", stderr: "err\n" });
    const failed = await here.run(it.fail);
    expect(failed.error).toMatchObject(it.error);
    expect(failed.count).toBe(4);
    if (language !== "bash") expect(String(failed.error?.traceback)).toContain("no good");
    expect(await here.run(it.print)).toMatchObject({ error: undefined, count: 5 });
  });

  test("puts variables back, and starts in its directory", async () => {
    await using here = await context(language, { cwd: "/tmp" });
    const given = { env: { WORD: 'it\'s "one"\n$HOME' } };
    expect((await here.run(it.env, given)).stdout).toContain("it's");
    expect(await here.run(it.env)).toMatchObject({ stdout: `${it.envGone}\n` });
    expect((await here.run(it.cwd)).stdout).toMatch(/tmp\n$/);
  });

  test("is interrupted when the time is over or the reader leaves, and keeps its state", async () => {
    await using here = await context(language);
    await here.run(it.set);
    const timedOut = await here.run(it.loop, { timeoutMs: 400 });
    expect(timedOut.error).toMatchObject({
      name: "TimeoutError",
      value: "the code ran for longer than 400 ms",
    });
    for await (const event of here.events(it.loop)) if (event.type === "count") break;
    // One that leaves before the code has even come to its kernel.
    const { commands } = engine;
    const { writeStdin } = commands;
    const leaving = new AbortController();
    const arrivals: Promise<unknown>[] = [];
    commands.writeStdin = async (...given) => {
      commands.writeStdin = writeStdin;
      arrivals.push(delay(200).then(() => writeStdin.apply(commands, given)));
      leaving.abort(new Error("left"));
      return { bytesWritten: 0, offset: 0 };
    };
    const request = { contextId: here.made.id, code: it.loop };
    const left = all().execute(sessionId, request, { signal: leaving.signal }).next();
    await expect(left).rejects.toThrow("left");
    await Promise.all(arrivals);
    if (it.get) expect(await here.run(it.get)).toMatchObject({ value: "21" });
    else expect(await here.run("echo $x")).toMatchObject({ stdout: "20\n" });
  });

  test("tells of its death, and starts anew under the same id", async () => {
    await using here = await context(language);
    await here.run(it.set);
    expect((await here.run(it.exit)).error).toMatchObject({ name: "KernelDied" });
    expect(await here.run(it.print)).toMatchObject({ stdout: "out\n", count: 1 });
  });
});

describe("python", () => {
  test("awaits at the top, runs shell lines, and shows what objects can be", async () => {
    await using here = await context("python");
    expect(await here.run("import asyncio\nawait asyncio.sleep(0, 'slept')")).toMatchObject({
      value: "'slept'",
    });
    expect(await here.run("!echo from a shell\n!exit 3\n_exit_code")).toMatchObject({
      stdout: "from a shell\n",
      value: "3",
    });
    const shown = await here.run(`
class Rich:
  def __repr__(self): return "plain"
  def _repr_html_(self): return "<b>html</b>"
  def _repr_png_(self): return b"\\x89PNG"
  def _repr_json_(self): return {"a": [1, None]}
  def _repr_latex_(self): raise RuntimeError("not this one")
display(Rich())
Rich()`);
    const formats = {
      "text/plain": "plain",
      "text/html": "<b>html</b>",
      "image/png": "iVBORw==",
      "application/json": { a: [1, null] },
    };
    expect(shown.results).toEqual([
      { type: "result", isMain: false, formats },
      { type: "result", isMain: true, formats },
    ]);
  });

  test("tells errors as Python does: the lines of the code, and none of the kernel's", async () => {
    await using here = await context("python");
    const { error } = await here.run("def f(x):\n  return 1 / x\n\nf(0)");
    expect(error).toMatchObject({ name: "ZeroDivisionError", value: "division by zero" });
    const lines = String(error?.traceback).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "Traceback (most recent call last):",
      '  File "<cell 1>", line 4, in <module>',
      "    f(0)",
      '  File "<cell 1>", line 2, in f',
    ]);
    expect((await here.run("x = (1,")).error).toMatchObject({ name: "SyntaxError" });
    expect((await here.run("exit()")).error).toMatchObject({ name: "SystemExit" });
    expect((await here.run("input('name?')")).error).toMatchObject({ name: "RuntimeError" });
  });

  test("shows output as it comes, also of what it starts, in order and whole", async () => {
    await using here = await context("python");
    const seen: InterpreterEvent[] = [];
    const code = "import time\nprint('first', end='', flush=False)\nwhile True: time.sleep(0.01)";
    for await (const event of here.events(code)) {
      seen.push(event);
      if (event.type === "stdout") break;
    }
    expect(seen).toContainEqual({ type: "stdout", text: "first" });
    const many = await here.run(
      "import subprocess\nfor i in range(300):\n  print('héllo' * 1000)\nsubprocess.run(['echo', 'child'])\nprint('last')\n'v'",
    );
    expect(many.stdout).toBe(`${`${"héllo".repeat(1000)}\n`.repeat(300)}child\nlast\n`);
    expect(many.value).toBe("'v'");
  });
});

describe("javascript", () => {
  test("awaits and imports at the top, declares anew, and shows what objects can be", async () => {
    await using here = await context("javascript");
    expect(await here.run("const a = await Promise.resolve(1); a")).toMatchObject({ value: "1" });
    expect(await here.run("const a = 2; a")).toMatchObject({ value: "2" });
    expect(await here.run("import { basename } from 'node:path'; basename('/x/y')")).toMatchObject({
      value: "y",
    });
    expect(await here.run("(await import('node:os')).EOL")).toMatchObject({ value: "\n" });
    expect(await here.run("require('node:fs').existsSync('/')")).toMatchObject({ value: "true" });
    const { results } = await here.run(
      "({ _toHtml: () => '<b>x</b>', _toPng: () => Buffer.from('p') })",
    );
    expect(results[0]?.formats).toMatchObject({ "text/html": "<b>x</b>", "image/png": "cA==" });
    expect(await here.run("let nothing = undefined")).toMatchObject({ results: [] });
    expect((await here.run("const {")).error).toMatchObject({ name: "SyntaxError" });
    expect((await here.run("throw 'a text'")).error).toMatchObject({ value: "a text" });
  });
});

test("python is ipykernel's where the sandbox has it", async ({ skip }) => {
  await using here = await context("python", { env: {} });
  skip(!here.made.kernel.startsWith("ipykernel"), "needs python3 with ipykernel");
  expect(await here.run("import os\nx = 20\nx + 1")).toMatchObject({ value: "21", count: 1 });
  expect((await here.run("%pwd")).value).toContain("sandbox");
  const env = { env: { WORD: "it's" } };
  expect((await here.run("os.environ['WORD']", env)).value).toBe('"it\'s"');
  expect((await here.run("os.environ['WORD']")).error).toMatchObject({ name: "KeyError" });
  const late = await here.run("while True: pass", { timeoutMs: 400 });
  expect(late.error).toMatchObject({ name: "TimeoutError" });
  const shown = await here.run(
    "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))",
  );
  expect(shown.results[0]?.formats).toMatchObject({ "text/html": "<b>x</b>" });
  expect((await here.run("os._exit(3)")).error).toMatchObject({ name: "KernelDied" });
  expect(await here.run("'alive'")).toMatchObject({ value: "'alive'", count: 1 });
});

test("one piece at a time per context: the others wait for their turn", async () => {
  await using here = await context("python");
  await here.run("import time; order = []");
  const both = ["a", "b", "c"].map((name) =>
    here.run(`order.append('${name}'); time.sleep(0.05); order.append('${name}')`),
  );
  await Promise.all(both);
  expect(await here.run("''.join(order)")).toMatchObject({ value: "'aabbcc'" });
});

test("a restart ends what runs there, and keeps the id and the directory", async () => {
  await using here = await context("python", { cwd: "/tmp" });
  await here.run("x = 1");
  const running = here.run("while True: pass");
  const other = all().list(sessionId);
  const again = await all().restart(sessionId, here.made.id);
  expect(again).toMatchObject({ id: here.made.id, cwd: "/tmp" });
  expect((await running).error).toMatchObject({ name: expect.stringMatching(/Context|Kernel/) });
  expect((await here.run("x")).error).toMatchObject({ name: "NameError" });
  expect(other.map(({ id }) => id)).toContain(here.made.id);
});

test("a restart while others wait for their turn leaves one kernel", async () => {
  await engine.files.makeDirectory(sessionId, { path: "restarted", recursive: true });
  await using here = await context("bash", { cwd: "/vercel/sandbox/restarted" });
  const running = here.events("while :; do :; done");
  await running.next();
  const next = here.run("echo next");
  const toItsEnd = async () => {
    for await (const _event of running);
  };
  await Promise.all([toItsEnd(), all().restart(sessionId, here.made.id)]);
  expect(await next).toMatchObject({ stdout: "next\n" });
  const { items } = engine.commands.list(sessionId, { limit: 100, sortOrder: "desc" });
  const kernels = items.filter(
    ({ cwd, exitCode }) => cwd.endsWith("/restarted") && exitCode === null,
  );
  expect(kernels).toHaveLength(1);
});

test("whoever waits for a turn may leave before it comes", async () => {
  await using here = await context("bash");
  const running = here.events("while :; do :; done");
  await running.next();
  const leaving = new AbortController();
  const request = { contextId: here.made.id, code: "echo never" };
  const waiting = all().execute(sessionId, request, { signal: leaving.signal }).next();
  leaving.abort(new Error("left"));
  await expect(waiting).rejects.toThrow("left");
  await running.return();
  expect(await here.run("echo on")).toMatchObject({ stdout: "on\n", count: 2 });
});

test("a kernel that cannot be told how to begin is ended, and its creator told why", async () => {
  const { commands } = engine;
  const { writeStdin } = commands;
  commands.writeStdin = async () => {
    throw new SandboxError("sandbox_stopping", "It is being stopped.");
  };
  try {
    await expect(all().create(sessionId, { language: "bash" })).rejects.toMatchObject({
      code: "sandbox_stopping",
    });
  } finally {
    commands.writeStdin = writeStdin;
  }
});

test("an interrupt that comes too late does not reach the next piece of code", async () => {
  await using here = await context("bash");
  const { commands } = engine;
  const { kill } = commands;
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  commands.kill = async (...given) => {
    commands.kill = kill;
    asked.resolve();
    await gate.promise;
    return kill.apply(commands, given);
  };
  const first = here.run("sleep 0.3", { timeoutMs: 50 });
  const next = here.run("sleep 1; echo on");
  await asked.promise;
  // The first has ended by itself meanwhile.
  await delay(600);
  gate.resolve();
  await first;
  expect(await next).toMatchObject({ stdout: "on\n", error: undefined });
});

test("an interrupt that comes too late says nothing more of what has ended", async () => {
  const messages = async (...lines: string[]) => {
    const script = [bashStart("m"), ...lines].join("");
    const { stdout } = await runToEnd(engine, sessionId, "bash", ["-c", script]);
    return stdout.split("\n").filter((line) => /"(?:end|error)"/.test(line));
  };
  const execution = { id: 7, code: "true", env: { WORD: "x" } };
  const end = '\0m {"end":7}';
  expect(await messages(bashRequest(execution), bashInterrupted(execution))).toEqual([end]);
  expect(await messages(bashInterrupted(execution), bashInterrupted(execution))).toEqual([
    '\0m {"error":{"name":"","value":"130","traceback":""}}',
    end,
  ]);
});

test("unknown contexts and what cannot start are refused by name", async () => {
  const gone = all().execute(sessionId, { contextId: "ctx_none", code: "1" });
  await expect(gone.next()).rejects.toMatchObject({ code: "not_found" });
  await expect(all().restart(sessionId, "ctx_none")).rejects.toMatchObject({ code: "not_found" });
  await expect(
    all().create(sessionId, { language: "python", cwd: "/no/such/place" }),
  ).rejects.toMatchObject({ code: "directory_not_found" });
  await expect(
    all().create(sessionId, { language: "python", env: { PATH: "/nowhere" } }),
  ).rejects.toMatchObject({ code: "unsupported" });
});

test("contexts end with their session", async () => {
  const { session } = await engine.sandboxes.create({});
  const { id } = await all().create(session.id, { language: "bash" });
  const events = all().execute(session.id, { contextId: id, code: "sleep 1000" });
  await events.next();
  await engine.sessions.stop(session.id);
  const rest: InterpreterEvent[] = [];
  for await (const event of events) rest.push(event);
  expect(rest.at(-1)).toMatchObject({ type: "error", name: "KernelDied" });
  await expect.poll(() => all().list(session.id)).toEqual([]);
});
