import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { KERNEL_LANGUAGES } from "./kernel-language.ts";

const { command, request, interruption } = KERNEL_LANGUAGES.javascript;

test("an interrupt that comes before the code itself runs ends the execution, and nothing else", async () => {
  const { cmd, args } = command("m");
  const kernel = spawn(cmd, args, { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: kernel.stdout })[Symbol.asyncIterator]();
  const until = async (word: string) => {
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (line.value.includes(word)) return line.value;
    }
    throw new Error(`The kernel ended without "${word}".`);
  };
  const run = (id: number, code: string, env = {}) =>
    kernel.stdin.write(request({ id, code, env }));
  try {
    // From then on it stands still when it is about to tell that the second one begins.
    const standStill = `JSON.stringify = ((plain) => (message) => {
      if (message.count !== 2) return plain(message);
      require("fs").writeSync(1, "here\\n");
      for (;;);
    })(JSON.stringify); globalThis.kept = 21;`;
    run(1, standStill);
    await until('"end":1');
    run(2, "globalThis.kept = 'lost'", { WORD: "of the second" });
    await until("here");
    kernel.stdin.write(interruption({ id: 2, code: "", env: {} }));
    await until('"name":"KeyboardInterrupt"');
    await until('"end":2');
    run(3, "[kept, process.env.WORD].join()");
    expect(await until('"result"')).toContain('"text/plain":"21,"');
  } finally {
    kernel.kill("SIGKILL");
  }
});
