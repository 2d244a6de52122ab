import { Sandbox } from "sandlot";
import { expect, test } from "vitest";
import type { TerminalEvent } from "../../contract/terminal.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import type { Terminal } from "./terminal.ts";

const decode = (event: TerminalEvent): string =>
  event.type === "output" ? Buffer.from(event.data, "base64").toString("utf8") : "";

/** What the terminal shows until the text comes. */
async function readUntil(terminal: Terminal, text: string): Promise<string> {
  let shown = "";
  for await (const event of terminal.events(new AbortController().signal)) {
    shown += decode(event);
    if (shown.includes(text)) return shown;
  }
  throw new Error(`The terminal ended before it showed ${text}: ${shown}`);
}

test("runs a shell on a real terminal, which replays to who comes later and ends when told", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { terminals } = temporary.studio;
  const sandbox = await Sandbox.create({});
  const { terminalId } = await terminals.open(sandbox.name, { cols: 97, rows: 31 });
  const terminal = terminals.get(sandbox.name, terminalId);
  terminal.write({ data: "stty size; tty; echo $((6*7))-answer; pwd\r" });
  const shown = await readUntil(terminal, "42-answer");
  expect(shown).toContain("31 97");
  expect(shown).toContain("/dev/pts/");

  terminal.write({ resize: { cols: 60, rows: 20 } });
  terminal.write({ data: "stty size; echo $((1+1))-done\r" });
  await readUntil(terminal, "2-done");
  // One who joins now is shown all of it, in one piece.
  for await (const event of terminal.events(new AbortController().signal)) {
    expect(event).toMatchObject({ type: "output", replay: true });
    expect(decode(event)).toContain("42-answer");
    expect(decode(event)).toContain("20 60");
    break;
  }
  expect(terminals.list(sandbox.name)).toEqual([{ terminalId, title: "Terminal 1" }]);

  terminal.write({ data: "exit 3\r" });
  const events = await Array.fromAsync(terminal.events(new AbortController().signal));
  expect(events.at(-1)).toMatchObject({ type: "exit", exitCode: 3 });
  expect(terminals.list(sandbox.name)).toEqual([]);
});

test("closing a terminal ends what runs in it", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { terminals } = temporary.studio;
  const sandbox = await Sandbox.create({});
  const { terminalId } = await terminals.open(sandbox.name, { cols: 80, rows: 24 });
  const terminal = terminals.get(sandbox.name, terminalId);
  terminal.write({
    data: "sh -c 'echo $$ > pid; mkfifo gone; echo up-$((1+1)); exec sleep 1000'\r",
  });
  await readUntil(terminal, "up-2");
  terminals.close(sandbox.name, terminalId);
  // `tail` ends when the process does.
  const ended = await sandbox.runCommand("sh", ["-c", "tail --pid=$(cat pid) -f /dev/null"]);
  expect(ended.exitCode).toBe(0);
  expect(() => terminals.get(sandbox.name, terminalId)).toThrow("This terminal has ended");
});
