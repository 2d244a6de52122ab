import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

const text = new TextEncoder();

/** What a terminal showed so far. */
function screen() {
  const decoder = new TextDecoder();
  const shown = { text: "" };
  const onData = (data: Uint8Array) => void (shown.text += decoder.decode(data, { stream: true }));
  return { shown, onData };
}

forE2b((e2b) => {
  describe("terminals", () => {
    proves("ENV-401", "ENV-402")("are login shells that take input and have a size", async () => {
      await using sandbox = await e2b().create();
      await sandbox.files.makeDir("work");
      const { shown, onData } = screen();
      const handle = await sandbox.pty.create({
        cols: 93,
        rows: 27,
        onData,
        envs: { WORD: "given" },
        cwd: "/home/user/work",
      });
      const type = (line: string) => sandbox.pty.sendInput(handle.pid, text.encode(line));
      await type('echo "[$TERM $LANG $WORD $(pwd) $(stty size) $(shopt login_shell)]"\n');
      await expect
        .poll(() => shown.text)
        .toMatch(/\[xterm-256color C\.UTF-8 given \/\S*home\/user\/work 27 93 login_shell\s+on\]/);
      await sandbox.pty.resize(handle.pid, { cols: 120, rows: 50 });
      await type('echo "<$(stty size)>"\n');
      await expect.poll(() => shown.text).toContain("<50 120>");
      await type("exit 3\n");
      expect(await rejection(handle.wait())).toMatchObject({ exitCode: 3 });
    });

    proves("ENV-403")("may be left, found again and killed", async () => {
      await using sandbox = await e2b().create();
      const first = screen();
      const handle = await sandbox.pty.create({ cols: 80, rows: 24, onData: first.onData });
      await sandbox.pty.sendInput(handle.pid, text.encode("kept=still-here\n"));
      await handle.disconnect();
      const second = screen();
      const again = await sandbox.pty.connect(handle.pid, { onData: second.onData });
      expect(again.pid).toBe(handle.pid);
      await sandbox.pty.sendInput(handle.pid, text.encode('echo "<$kept>"\n'));
      await expect.poll(() => second.shown.text).toContain("<still-here>");
      expect((await sandbox.commands.list()).map(({ pid }) => pid)).toEqual([handle.pid]);
      expect(await sandbox.pty.kill(handle.pid)).toBe(true);
      await rejection(again.wait());
      expect(await sandbox.pty.kill(handle.pid)).toBe(false);
    });
  });
});
