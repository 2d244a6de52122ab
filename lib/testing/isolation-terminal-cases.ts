import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Root, Terminal, TerminalSpec } from "../engine/ports.ts";
import { type IsolationBench, readText } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";

interface OpenTerminal {
  terminal: Terminal;
  /** Waits until the text was printed, and gives all that came so far. */
  until(text: string): Promise<string>;
}

/** A shell on a terminal, unless told otherwise, that ends with the bench. */
export async function openTerminal(
  bench: IsolationBench,
  root: Root,
  spec: Partial<TerminalSpec> = {},
): Promise<OpenTerminal> {
  const terminal = await root.openTerminal({
    cmd: "sh",
    args: [],
    env: { PS1: "> ", TERM: "xterm-256color" },
    sudo: false,
    columns: 80,
    rows: 24,
    ...spec,
  });
  bench.onEnd(() => terminal[Symbol.asyncDispose]());
  let seen = "";
  let changed = Promise.withResolvers<void>();
  terminal.output.on("data", (data: Buffer) => {
    seen += data.toString("utf8");
    changed.resolve();
    changed = Promise.withResolvers();
  });
  return {
    terminal,
    async until(text) {
      while (!seen.includes(text)) await changed.promise;
      return seen;
    },
  };
}

export const terminalCases: IsolationCases = {
  async "gives a program a terminal to talk on"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root);
    await until("> ");
    terminal.write(Buffer.from("test -t 0 && test -t 1 && echo is-a-$(echo tty)\r"));
    await until("is-a-tty");
    terminal.write(Buffer.from("exit 7\r"));
    expect(await terminal.exited).toEqual({ exitCode: 7 });
  },

  async "tells the program's number as it knows it itself, and signals the program and no other"(
    bench,
  ) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root, {
      cmd: "sh",
      args: ["-c", "trap 'echo got-$(echo it)' INT; echo number=$$.; while :; do sleep 0.02; done"],
    });
    const pid = await terminal.findPid();
    expect(await until(".")).toContain(`number=${pid}.`);
    terminal.signal(constants.signals.SIGINT);
    await until("got-it");
    terminal.signal(constants.signals.SIGKILL);
    expect(await terminal.exited).toEqual({ exitCode: 137 });
  },

  async "starts with the size that was asked for, and changes it"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root, { columns: 101, rows: 33 });
    terminal.write(Buffer.from("stty size\r"));
    await until("33 101");
    terminal.resize({ columns: 55, rows: 11 });
    terminal.write(Buffer.from("stty size\r"));
    await until("11 55");
  },

  async "starts in the session's directory, or in the one that was asked for"(bench) {
    const root = await bench.prepare();
    const args = ["-c", "echo x > here"];
    await (
      await openTerminal(bench, root, { args })
    ).terminal.exited;
    await (
      await openTerminal(bench, root, { args, cwd: "/tmp" })
    ).terminal.exited;
    expect(await readText(root, "/vercel/sandbox/here")).toBe("x\n");
    expect(await readText(root, "/tmp/here")).toBe("x\n");
  },

  async "carries bytes and characters of every kind"(bench) {
    const root = await bench.prepare();
    const { until } = await openTerminal(bench, root, {
      args: ["-c", "printf '%s' 'é ā 漢 😀 |'"],
    });
    expect(await until("|")).toBe("é ā 漢 😀 |");
  },

  async "ends its output after all of it"(bench) {
    const root = await bench.prepare();
    const { terminal } = await openTerminal(bench, root, { args: ["-c", "seq 1 20000"] });
    let text = "";
    for await (const data of terminal.output) text += String(data);
    expect(text.endsWith("19999\r\n20000\r\n")).toBe(true);
    expect(await terminal.exited).toEqual({ exitCode: 0 });
  },

  async "sends the signals that its keys stand for"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root, {
      args: ["-c", "echo ready; exec sleep 60"],
    });
    await until("ready");
    terminal.write(Buffer.from("\u0003"));
    expect(await terminal.exited).toEqual({ exitCode: 130 });
  },

  async "ends with everything that was started on it"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root, {
      args: [
        "-c",
        "(setsid sh -c 'while :; do echo >> beat; sleep 0.02; done' &); echo ready; sleep 60",
      ],
    });
    await until("ready");
    const beats = async () => (await readText(root, "/vercel/sandbox/beat").catch(() => "")).length;
    while ((await beats()) === 0) await delay(5);
    await terminal[Symbol.asyncDispose]();
    const before = await beats();
    await delay(200);
    expect(await beats()).toBe(before);
    expect((await terminal.exited).exitCode).toBe(137);
    terminal.write(Buffer.from("late"));
    terminal.resize({ columns: 10, rows: 10 });
  },

  async "ends with the session"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root, {
      args: ["-c", "echo ready; sleep 60"],
    });
    await until("ready");
    await root.halt({ graceMs: 0 });
    expect((await terminal.exited).exitCode).toBe(137);
  },

  async "says executable_not_found before anything ran"(bench) {
    const root = await bench.prepare();
    await expect(openTerminal(bench, root, { cmd: "no-such-shell" })).rejects.toMatchObject({
      code: "executable_not_found",
    });
  },
};
