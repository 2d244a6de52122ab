import { expect, test } from "vitest";
import { projectWithSandbox } from "../../testing/new-project.ts";
import { scriptedAgent } from "../../testing/scripted-agent.ts";
import { type TemporaryStudio, temporaryStudio } from "../../testing/temporary-studio.ts";

async function withSandbox({ studio }: TemporaryStudio) {
  const { id, sandbox } = await projectWithSandbox(studio);
  const write = (files: Record<string, string>) =>
    sandbox.writeFiles(Object.entries(files).map(([path, content]) => ({ path, content })));
  const sh = async (script: string): Promise<string> => {
    const finished = await sandbox.runCommand("sh", ["-c", script]);
    expect(finished.exitCode, await finished.stderr()).toBe(0);
    return finished.stdout();
  };
  return { id, sandbox, write, sh, checkpoints: studio.checkpoints };
}

test("keeps each state, says what changed, and brings a state back with what was deleted since", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { id, write, sh, checkpoints } = await withSandbox(temporary);
  await write({ "index.html": "<h1>One</h1>\n", "src/old.js": "let old;\n" });
  const first = await checkpoints.save(id, { title: "First\nmore", turnId: "t1", messageId: "m1" });
  expect(first).toMatchObject({
    title: "First",
    turnId: "t1",
    messageId: "m1",
    changedFiles: 2,
    linesAdded: 2,
    current: true,
  });
  expect(await checkpoints.save(id, { title: "Nothing" })).toBeUndefined();

  await write({ "index.html": "<h1>Two</h1>\n", "with space é.txt": "new\n" });
  await sh("rm src/old.js");
  const second = await checkpoints.save(id, { title: "Second" });
  expect(second).toMatchObject({ changedFiles: 3, linesAdded: 2, linesRemoved: 2 });
  const diff = await checkpoints.diff(id, second!.id);
  expect(diff).toEqual({
    checkpointId: second!.id,
    truncated: false,
    files: [
      {
        path: "index.html",
        status: "modified",
        linesAdded: 1,
        linesRemoved: 1,
        before: "<h1>One</h1>\n",
        after: "<h1>Two</h1>\n",
      },
      {
        path: "src/old.js",
        status: "deleted",
        linesAdded: 0,
        linesRemoved: 1,
        before: "let old;\n",
        after: "",
      },
      {
        path: "with space é.txt",
        status: "added",
        linesAdded: 1,
        linesRemoved: 0,
        before: "",
        after: "new\n",
      },
    ],
  });

  await write({ "unsaved.txt": "by hand\n" });
  const restored = await checkpoints.restore(id, first!.id);
  expect(restored.checkpoint).toMatchObject({ id: first!.id, current: true });
  expect(restored.savedBefore).toMatchObject({ title: "Before going back", changedFiles: 1 });
  expect(await sh("find . -type f | sort; cat index.html")).toBe(
    "./index.html\n./src/old.js\n<h1>One</h1>\n",
  );
  await checkpoints.restore(id, restored.savedBefore!.id);
  expect(await sh("find . -type f | sort")).toBe(
    "./index.html\n./unsaved.txt\n./with space é.txt\n",
  );
  expect(temporary.studio.checkpointStore.list(id).map(({ title }) => title)).toEqual([
    "Before going back",
    "Second",
    "First",
  ]);
});

test("does not see or touch the user's own git, nor what it ignores, and sees into a repository inside", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { id, write, sh, checkpoints } = await withSandbox(temporary);
  await write({
    ".gitignore": ".env\n",
    ".env": "SECRET=1\n",
    "a.txt": "a\n",
    "inner/b.txt": "b\n",
    "node_modules/x/index.js": "x\n",
  });
  const git = "git -c user.name=u -c user.email=u@localhost";
  await sh(`git init -q && git add a.txt && ${git} commit -qm mine; cd inner && git init -q`);
  const first = await checkpoints.save(id, { title: "First" });
  const { files } = await checkpoints.diff(id, first!.id);
  expect(files.map(({ path }) => path)).toEqual([".gitignore", "a.txt", "inner/b.txt"]);

  await write({ "inner/b.txt": "changed\n", ".env": "SECRET=2\n" });
  await checkpoints.save(id, { title: "Second" });
  await checkpoints.restore(id, first!.id);
  expect(await sh("cat inner/b.txt .env node_modules/x/index.js")).toBe("b\nSECRET=2\nx\n");
  expect(await sh("git log --format=%s; git status --porcelain a.txt")).toBe("mine\n");
});

test("bytes that are no text come back as they were, without a comparison of texts", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { id, sandbox, sh, checkpoints } = await withSandbox(temporary);
  const bytes = Buffer.from([0, 255, 13, 10, 0, 1]);
  await sandbox.writeFiles([{ path: "a.bin", content: bytes }]);
  await sh("printf '* text=auto eol=crlf\\n' > .gitattributes; printf 'one\\ntwo\\n' > t.txt");
  const first = await checkpoints.save(id, { title: "First" });
  await sh("rm a.bin t.txt");
  await checkpoints.restore(id, first!.id);
  expect(await sandbox.readFileToBuffer({ path: "a.bin" })).toEqual(bytes);
  expect(await sh("od -An -c t.txt | tr -d ' \\n'")).toBe(String.raw`one\ntwo\n`);
  const { files } = await checkpoints.diff(id, first!.id);
  expect(files.find(({ path }) => path === "a.bin")).toEqual({
    path: "a.bin",
    status: "added",
    linesAdded: 0,
    linesRemoved: 0,
  });
});

test("says what is wrong for what cannot be restored", async () => {
  await using temporary = await temporaryStudio(scriptedAgent());
  const { studio } = temporary;
  const { id } = studio.projects.create({
    name: "Empty",
    type: "other",
    approval: "auto",
    autoFix: true,
  });
  expect(await studio.checkpoints.save(id, { title: "Nothing" })).toBeUndefined();
  await expect(studio.checkpoints.restore(id, "none")).rejects.toMatchObject({
    code: "checkpoint_not_found",
  });
});
