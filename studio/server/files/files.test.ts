import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { FileTree } from "../../contract/files.ts";
import { projectWithSandbox } from "../../testing/new-project.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { temporaryStudio } from "../../testing/temporary-studio.ts";
import { listCommands } from "../commands/list-commands.ts";
import { downloadProject } from "./download-project.ts";
import { readProjectFile, saveProjectFile } from "./project-files.ts";
import { readTree } from "./read-tree.ts";

test("shows the real tree, names big folders without entering them, and packs what is the project's own", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { sandbox } = await projectWithSandbox(temporary.studio);
  await sandbox.writeFiles([
    { path: "src/a.js", content: "a" },
    { path: "src.txt", content: "" },
    { path: "odd\tname\nü.txt", content: "odd" },
    { path: "node_modules/x/index.js", content: "x" },
  ]);
  await sandbox.runCommand("ln", ["-s", "src/a.js", "link"]);
  const tree = FileTree.parse(await readTree(sandbox, ""));
  expect(tree.entries.map(({ path, type, unread }) => [path, type, unread])).toEqual([
    ["link", "link", undefined],
    ["node_modules", "directory", true],
    ["odd\tname\nü.txt", "file", undefined],
    ["src", "directory", undefined],
    ["src/a.js", "file", undefined],
    ["src.txt", "file", undefined],
  ]);
  const inside = await readTree(sandbox, "node_modules");
  expect(inside.entries).toEqual([
    expect.objectContaining({ path: "node_modules/x", type: "directory", unread: true }),
  ]);
  await expect(readTree(sandbox, "none")).rejects.toMatchObject({ code: "file_not_found" });

  const zip = await downloadProject(sandbox, new AbortController().signal);
  const packed = unzipSync(new Uint8Array(await new Response(zip).arrayBuffer()));
  const texts = Object.entries(packed).map(([path, bytes]) => [
    path,
    Buffer.from(bytes).toString(),
  ]);
  expect(Object.fromEntries(texts)).toEqual({
    "src/a.js": "a",
    "src.txt": "",
    "odd\tname\nü.txt": "odd",
  });
});

test("saves a file with its folders and reads it back, empty ones, too", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { sandbox } = await projectWithSandbox(temporary.studio);
  const bytes = Buffer.from([0, 1, 255]);
  expect(await saveProjectFile(sandbox, "new/deep/a.bin", bytes)).toEqual({
    path: "new/deep/a.bin",
    sizeBytes: 3,
  });
  await saveProjectFile(sandbox, "empty.txt", new Uint8Array());
  const read = async (path: string): Promise<Buffer> =>
    Buffer.concat(
      await Array.fromAsync((await readProjectFile(sandbox, path)) as AsyncIterable<Buffer>),
    );
  expect(await read("new/deep/a.bin")).toEqual(bytes);
  expect(await read("empty.txt")).toEqual(Buffer.alloc(0));
  await expect(readProjectFile(sandbox, "none.txt")).rejects.toMatchObject({
    code: "file_not_found",
    field: "path",
  });
  await expect(readProjectFile(sandbox, "a\0b")).rejects.toMatchObject({ code: "bad_request" });
  // The path is the sandbox's own, wherever it leads: nothing of this machine can be named.
  await expect(readProjectFile(sandbox, temporary.home)).rejects.toThrow();
});

test("who has a project open is told what changes, whoever changes it, and not of others' files", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const { id, sandbox } = await projectWithSandbox(studio);
  await sandbox.writeFiles([{ path: "src/a.js", content: "a" }]);
  const left = new AbortController();
  const watching = studio.watch(id, left.signal);
  await watching.next();
  const paths = new Set<string>();
  const heard = async (wanted: string): Promise<void> => {
    while (!paths.has(wanted)) {
      const { value } = await watching.next();
      if (value?.type === "files") for (const path of value.paths ?? []) paths.add(path);
    }
  };
  const sh = (script: string) => sandbox.runCommand("sh", ["-c", script]);
  // The watch begins some time after the project was opened: what comes before is read with the tree.
  const touching = sh("until [ -e seen ]; do touch probe; sleep 0.05; done");
  await heard("probe");
  await sh("touch seen; echo b > src/a.js");
  await touching;
  await heard("src/a.js");
  await sh("mkdir -p new/inner node_modules/x && echo 1 > node_modules/x/i.js");
  await heard("new");
  await sh("echo 2 > new/inner/b.txt");
  await heard("new/inner/b.txt");
  expect([...paths].filter((path) => path.includes("i.js"))).toEqual([]);
  expect(await listCommands(sandbox, studio.records)).toEqual([
    expect.objectContaining({ command: expect.stringContaining("echo 2") }),
    expect.objectContaining({ command: expect.stringContaining("mkdir") }),
    expect.objectContaining({ command: expect.stringContaining("touch seen") }),
    expect.objectContaining({ command: expect.stringContaining("until") }),
  ]);
  left.abort();
  await watching.return();
});
