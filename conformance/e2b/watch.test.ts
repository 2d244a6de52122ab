import type { FilesystemEvent } from "e2b";
import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

forE2b((e2b) => {
  describe("watching", () => {
    proves("ENV-301")("tells what happens in a directory", async () => {
      await using sandbox = await e2b().create();
      const { files } = sandbox;
      await files.makeDir("dir/deep");
      const seen: string[] = [];
      const take = ({ type, name }: FilesystemEvent) => void seen.push(`${type} ${name}`);
      const handle = await files.watchDir("dir", take);
      const below: string[] = [];
      const all = await files.watchDir(
        "dir",
        ({ type, name, entry }) => void below.push(`${type} ${name} ${entry?.type ?? "gone"}`),
        { recursive: true, includeEntry: true },
      );
      await files.write("dir/file.txt", "one");
      await expect.poll(() => seen).toContain("write file.txt");
      await files.write("dir/file.txt", "two");
      await expect
        .poll(() => seen.filter((event) => event === "write file.txt").length)
        .toBeGreaterThan(1);
      await sandbox.commands.run("chmod 600 dir/file.txt; mv dir/file.txt dir/new.txt");
      await expect.poll(() => seen).toContain("rename file.txt");
      await sandbox.commands.run("rm dir/new.txt");
      await expect.poll(() => seen).toContain("remove new.txt");
      expect(seen).toEqual(expect.arrayContaining(["create file.txt", "chmod file.txt"]));
      await files.makeDir("dir/deep/made");
      await expect.poll(() => below).toContain("create deep/made dir");
      await files.write("dir/deep/made/inner.txt", "x");
      await expect.poll(() => below).toContain("write deep/made/inner.txt file");
      expect(seen.filter((event) => event.includes("inner"))).toEqual([]);
      await handle.stop();
      await all.stop();
    });

    proves("ENV-302")("needs a directory", async () => {
      await using sandbox = await e2b().create();
      const { FileNotFoundError, SandboxError } = e2b().sdk;
      const missing = await rejection(sandbox.files.watchDir("none", () => undefined));
      expect(missing).toBeInstanceOf(FileNotFoundError);
      await sandbox.files.write("file.txt", "x");
      const noDirectory = await rejection(sandbox.files.watchDir("file.txt", () => undefined));
      expect(noDirectory).toBeInstanceOf(SandboxError);
    });

    proves("ENV-303")("ends by stop or by its time", async () => {
      await using sandbox = await e2b().create();
      const ended: unknown[] = [];
      const onExit = (error?: Error) => void ended.push(error?.name);
      await sandbox.files.watchDir(".", () => undefined, { timeoutMs: 500, onExit });
      await expect.poll(() => ended).toEqual(["TimeoutError"]);
      let count = 0;
      const handle = await sandbox.files.watchDir(".", () => void (count += 1), { timeoutMs: 0 });
      await sandbox.files.write("a.txt", "x");
      await expect.poll(() => count).toBeGreaterThan(0);
      await handle.stop();
    });
  });
});
