import { expect, test } from "vitest";
import { capturedRoots } from "../../testing/captured-roots.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Terminal } from "../ports.ts";

const SIZE = { columns: 80, rows: 24 };

/** Reads until the text was printed. */
async function until(terminal: Terminal, text: string): Promise<string> {
  let seen = "";
  for await (const data of terminal.output.iterator({ destroyOnReturn: false })) {
    seen += String(data);
    if (seen.includes(text)) break;
  }
  return seen;
}

async function running() {
  const fixture = await temporaryEngine();
  const roots = capturedRoots(fixture.parts.isolation);
  const { session } = await fixture.engine.sandboxes.create({ env: { A: "sandbox", B: "kept" } });
  return { ...fixture, id: session.id, root: roots[0]! };
}

test("a terminal has the sandbox's variables, its own first, and the session's directory", async () => {
  await using the = await running();
  await using terminal = await the.engine.terminals.open(the.id, {
    cmd: "sh",
    args: ["-c", 'echo "$A $B ${PWD##*/}"; read line'],
    env: { A: "terminal" },
    ...SIZE,
  });
  expect(await until(terminal, "\n")).toBe("terminal kept sandbox\r\n");
});

test("a session that stops does not wait for a shell that ignores to be asked", async () => {
  await using the = await running();
  const terminal = await the.engine.terminals.open(the.id, {
    cmd: "sh",
    args: ["-c", "trap '' TERM HUP; echo ready; while :; do sleep 600; done"],
    env: {},
    ...SIZE,
  });
  await until(terminal, "ready");
  const events: string[] = [];
  const { halt } = the.root;
  the.root.halt = async (options) => {
    // Nothing is left for the halt to ask, and so nothing to wait for.
    await terminal.exited;
    events.push("terminal ended before the halt");
    await halt.call(the.root, options);
  };
  await the.engine.sessions.stop(the.id);
  expect(events).toEqual(["terminal ended before the halt"]);
  expect((await terminal.exited).exitCode).toBe(137);
});

test("a terminal that opens while the session stops is closed again", async () => {
  await using the = await running();
  const { openTerminal } = the.root;
  const opened: Terminal[] = [];
  const stopping = Promise.withResolvers<unknown>();
  the.root.openTerminal = async (spec) => {
    const terminal = await openTerminal.call(the.root, spec);
    opened.push(terminal);
    stopping.resolve(the.engine.sessions.stop(the.id));
    await new Promise(setImmediate);
    return terminal;
  };
  const opening = the.engine.terminals.open(the.id, { cmd: "cat", args: [], env: {}, ...SIZE });
  await expect(opening).rejects.toMatchObject({ code: "sandbox_stopping" });
  await stopping.promise;
  expect(opened).toHaveLength(1);
  expect((await opened[0]!.exited).exitCode).toBeGreaterThan(128);
});

test("a session that has stopped opens none", async () => {
  await using the = await running();
  await the.engine.sessions.stop(the.id);
  const opening = the.engine.terminals.open(the.id, { cmd: "sh", args: [], env: {}, ...SIZE });
  await expect(opening).rejects.toMatchObject({ code: "sandbox_stopped" });
});
