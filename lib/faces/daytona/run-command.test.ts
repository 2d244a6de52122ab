import { expect, test } from "vitest";
import { scriptedEngine } from "../../testing/scripted-engine.ts";
import { runCommand } from "./run-command.ts";

test("a command that writes more than one answer holds is ended and refused", async () => {
  const { engine, commands } = scriptedEngine();
  const { session } = await engine.sandboxes.create({ name: "box" });
  const piece = "x".repeat(4 * 1_024 * 1_024);
  const signalled = Promise.withResolvers<number>();
  commands.scripts.set("flood", (process) => {
    for (let count = 0; count < 17; count++) process.write("stdout", piece);
    void process.signalled.then((signal) => {
      process.exit(128 + signal);
      signalled.resolve(signal);
    });
  });
  await expect(runCommand(engine, session.id, { cmd: "flood" })).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringContaining("64 Mi characters"),
  });
  expect(await signalled.promise).toBe(9);
  commands.scripts.set("much", (process) => {
    for (let count = 0; count < 16; count++) process.write("stdout", piece);
    process.exit(0);
  });
  const { stdout } = await runCommand(engine, session.id, { cmd: "much" });
  expect(stdout.length).toBe(16 * piece.length);
});
