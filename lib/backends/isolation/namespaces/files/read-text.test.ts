import { execFileSync } from "node:child_process";
import { symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SandboxError } from "../../../../contract/errors.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { HeldRoot } from "./held-root.ts";
import { readText } from "./read-text.ts";
import { SessionTree } from "./session-tree.ts";

const ownRoot = () => new HeldRoot({ path: "/", gone: () => new SandboxError("internal", "gone") });

const MADE: Record<string, (path: string) => unknown> = {
  "a pipe that nobody writes to": (path) => execFileSync("mkfifo", [path]),
  "a directory": (path) => execFileSync("mkdir", [path]),
  "a huge file": async (path) => {
    await writeFile(path, "root:x:0:\n");
    await truncate(path, 3 * 1024 ** 3);
  },
  "a link that leads in a circle": (path) => symlink(path, path),
  "a link to what never ends": (path) => symlink("/dev/zero", path),
  nothing: () => undefined,
};

test.each(Object.entries(MADE))("%s in the place of a table is an empty table", async (_, make) => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "group");
  await make(path);
  using root = ownRoot();
  const tree = new SessionTree({ root });
  expect(readText(tree, path)).toBe("");
});

test("a file of the kernel's is not read", () => {
  using root = ownRoot();
  const tree = new SessionTree({ root });
  expect(readText(tree, "/proc/version")).toBe("");
});

test("a table is read whole", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "group");
  await writeFile(path, "root:x:0:\nüser:x:1000:vercel-sandbox\n");
  using root = ownRoot();
  const tree = new SessionTree({ root });
  expect(readText(tree, path)).toBe("root:x:0:\nüser:x:1000:vercel-sandbox\n");
});
