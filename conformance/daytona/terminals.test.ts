import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

/** What a terminal showed, and a promise of something in it. */
function screen() {
  let text = "";
  let changed = Promise.withResolvers<void>();
  return {
    onData: (data: Uint8Array) => {
      text += Buffer.from(data).toString("utf8");
      changed.resolve();
      changed = Promise.withResolvers<void>();
    },
    async shows(pattern: RegExp) {
      while (!pattern.test(text)) await changed.promise;
      return text;
    },
  };
}

forDaytona((daytona) => {
  proves("DAY-040")("a terminal takes input, variables and a size", async () => {
    const { process } = daytona().shared;
    const shown = screen();
    const pty = await process.createPty({
      id: "typed",
      cols: 90,
      rows: 25,
      envs: { GREETING: "hi" },
      onData: shown.onData,
    });
    await pty.sendInput("echo $GREETING-$TERM; stty size\n");
    await shown.shows(/hi-xterm-256color\r\n25 90\r\n/);
    expect(await pty.resize(100, 30)).toMatchObject({ id: "typed", cols: 100, rows: 30 });
    await pty.sendInput("stty size\n");
    await shown.shows(/30 100\r\n/);
    await pty.sendInput("exit 3\n");
    expect(await pty.wait()).toEqual({ exitCode: 3, error: expect.any(String) });
  });

  proves("DAY-041")("a terminal outlives its connection", async () => {
    const { process } = daytona().shared;
    const first = screen();
    const made = await process.createPty({ id: "shared", onData: first.onData });
    await made.sendInput("echo first-$((1+1))\n");
    await first.shows(/first-2/);
    await made.disconnect();
    expect(await process.getPtySessionInfo("shared")).toEqual({
      id: "shared",
      cwd: "/home/daytona",
      envs: expect.objectContaining({ TERM: "xterm-256color" }),
      cols: 80,
      rows: 24,
      createdAt: expect.any(String),
      active: true,
      lazyStart: false,
    });
    const second = screen();
    const joined = await process.connectPty("shared", { onData: second.onData });
    await second.shows(/first-2/);
    await joined.sendInput("echo second-$((2+2))\n");
    await second.shows(/second-4/);
    expect((await process.listPtySessions()).map(({ id }) => id)).toContain("shared");
    await joined.kill();
    expect(await joined.wait()).toEqual({
      exitCode: expect.any(Number),
      error: expect.any(String),
    });
    const missing = await rejection(process.getPtySessionInfo("nowhere"));
    expect(missing).toMatchObject({
      name: "DaytonaProcessNotFoundError",
      message: "PTY session not found",
    });
    const taken = await rejection(process.createPty({ id: "shared", onData: () => {} }));
    expect(taken.name).toBe("DaytonaConnectionError");
  });
});
