import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { acquireExclusiveLock } from "./exclusive-lock.ts";

const program = `
  import { acquireExclusiveLock } from ${JSON.stringify(new URL("./exclusive-lock.ts", import.meta.url).href)};
  const lock = acquireExclusiveLock(process.argv[1], { waitMs: 0 });
  console.log(lock ? "held" : "refused");
  setInterval(() => lock, 1_000);
`;

async function holdElsewhere(file: string) {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, file], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(said.toString()).toBe("held\n");
  return {
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

test("is held once in a process, and free again when it is let go", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "a.lock");
  const lock = acquireExclusiveLock(file, { waitMs: 0 });
  expect(acquireExclusiveLock(file, { waitMs: 0 })).toBeUndefined();
  lock?.[Symbol.dispose]();
  const next = acquireExclusiveLock(file, { waitMs: 0 });
  expect(next).toBeDefined();
  next?.[Symbol.dispose]();
});

test("is refused while another process holds it, and free as soon as that is killed", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "made", "on", "the", "way.lock");
  const other = await holdElsewhere(file);
  expect(acquireExclusiveLock(file, { waitMs: 0 })).toBeUndefined();
  await other.kill();
  const lock = acquireExclusiveLock(file, { waitMs: 0 });
  expect(lock).toBeDefined();
  lock?.[Symbol.dispose]();
});

test("says what is wrong with a file that it cannot use", async () => {
  await using directory = await temporaryDirectory();
  expect(() => acquireExclusiveLock(directory.path, { waitMs: 0 })).toThrow(/unable to open/);
});
