import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outputOf } from "../../testing/in-sandbox.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";

const LINE = "sandlot: killed, because the sandbox's memory was used up\n";

/** An engine whose isolation says of every killed command that it was for lack of memory. */
async function shortOfMemory() {
  const fixture = await temporaryEngine();
  const { isolation } = fixture.parts;
  const prepare = isolation.prepare.bind(isolation);
  isolation.prepare = async (...request) => {
    const root = await prepare(...request);
    const start = root.start.bind(root);
    root.start = async (spec) => {
      const process = await start(spec);
      const exited = process.exited.then((exit) =>
        exit.exitCode === 137 ? { ...exit, outOfMemory: true } : exit,
      );
      return Object.defineProperty(process, "exited", { value: exited });
    };
    return root;
  };
  const { session } = await fixture.engine.sandboxes.create({});
  return { ...fixture, commands: fixture.engine.commands, id: session.id };
}

test.each([
  { script: "kill -9 $$", written: "" },
  { script: "echo begun >&2; kill -9 $$", written: "begun\n" },
  { script: "printf 'half a line' >&2; kill -9 $$", written: "half a line\n" },
])("$script: the last line says that the memory was used up", async ({ script, written }) => {
  await using the = await shortOfMemory();
  const { id: commandId } = await the.commands.start(the.id, { cmd: "sh", args: ["-c", script] });
  const ended = await the.commands.wait(the.id, commandId);
  expect(ended.exitCode).toBe(137);
  expect(await outputOf(the.engine, the.id, commandId)).toBe(written + LINE);
});

test("nothing is added to what ended in another way", async () => {
  await using the = await shortOfMemory();
  const { id: commandId } = await the.commands.start(the.id, { cmd: "sh", args: ["-c", "exit 3"] });
  expect((await the.commands.wait(the.id, commandId)).exitCode).toBe(3);
  expect(await outputOf(the.engine, the.id, commandId)).toBe("");
});

test("a command whose directory is gone ends all the same", async () => {
  await using the = await shortOfMemory();
  const script = "echo begun; read -r _; kill -9 $$";
  const request = { cmd: "sh", args: ["-c", script], attachStdin: true };
  const { id: commandId } = await the.commands.start(the.id, request);
  // Its files are open by the time it writes.
  for await (const chunk of the.commands.output(the.id, commandId)) {
    expect(chunk.data).toBe("begun\n");
    break;
  }
  await rm(join(the.directory, "commands", commandId), { recursive: true, maxRetries: 5 });
  await the.commands.kill(the.id, commandId, 9);
  expect((await the.commands.wait(the.id, commandId)).exitCode).toBe(137);
});
