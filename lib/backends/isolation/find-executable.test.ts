import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { findExecutable } from "./find-executable.ts";

async function withPrograms() {
  const directory = await temporaryDirectory();
  for (const name of ["one/tool", "two/tool", "two/other"]) {
    await mkdir(join(directory.path, name, ".."), { recursive: true });
    await writeFile(join(directory.path, name), "#!/bin/sh\n");
  }
  await chmod(join(directory.path, "two/tool"), 0o755);
  return directory;
}

test("takes the first on the PATH that may be executed", async () => {
  await using directory = await withPrograms();
  const { path: cwd } = directory;
  const path = `${cwd}/missing:${cwd}/one:${cwd}/two`;
  expect(findExecutable("tool", { path, cwd })).toBe(`${cwd}/two/tool`);
  expect(findExecutable("two/tool", { path: "", cwd })).toBe(`${cwd}/two/tool`);
  expect(findExecutable("tool", { path: "two", cwd })).toBe(`${cwd}/two/tool`);
});

test.each([
  ["tool", 'The executable "tool" was not found. It is not on the PATH.'],
  ["./missing", 'The executable "./missing" was not found. There is no such file.'],
  [
    "one/tool",
    '"one/tool" is no executable file. Give it the execute permission, or run it by its interpreter.',
  ],
  [
    "tool --flag",
    'The executable "tool --flag" was not found. It is not on the PATH. A command is a program, not a ' +
      'shell line: pass its arguments apart, or run "sh" with "-c".',
  ],
])("says of %s what stood in the way", async (cmd, message) => {
  await using directory = await withPrograms();
  const find = () => findExecutable(cmd, { path: `${directory.path}/one`, cwd: directory.path });
  expect(find).toThrow(expect.objectContaining({ code: "executable_not_found", message }));
});
