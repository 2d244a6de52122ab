import { describe, expect } from "vitest";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

forE2b((e2b) => {
  describe("git", () => {
    proves("ENV-501")("makes, clones, changes and sends repositories", async () => {
      await using sandbox = await e2b().create();
      const { git, files, commands } = sandbox;
      const home = (await commands.run("pwd")).stdout.trim();
      await git.configureUser("Test", "test@example.com");
      await git.init(`${home}/remote.git`, { bare: true, initialBranch: "main" });
      await git.init(`${home}/repo`, { initialBranch: "main" });
      const repo = `${home}/repo`;
      await files.write("repo/README.md", "# hello\n");
      const before = await git.status(repo);
      expect(before.fileStatus.map(({ name, status }) => `${status} ${name}`)).toEqual([
        "untracked README.md",
      ]);
      await git.add(repo);
      await git.commit(repo, "first");
      expect((await git.status(repo)).isClean).toBe(true);
      await git.remoteAdd(repo, "origin", `${home}/remote.git`);
      await git.push(repo, { remote: "origin", branch: "main", setUpstream: true });
      await git.createBranch(repo, "topic");
      expect(await git.branches(repo)).toMatchObject({
        currentBranch: "topic",
        branches: expect.arrayContaining(["main", "topic"]),
      });
      await git.checkoutBranch(repo, "main");
      await git.deleteBranch(repo, "topic");
      await git.clone(`${home}/remote.git`, { path: `${home}/clone` });
      expect(await files.read("clone/README.md")).toBe("# hello\n");
      await files.write("repo/more.txt", "more\n");
      await git.add(repo, { files: ["more.txt"] });
      await git.commit(repo, "second");
      await git.push(repo);
      await git.pull(`${home}/clone`);
      expect(await files.read("clone/more.txt")).toBe("more\n");
      await files.write("repo/more.txt", "changed\n");
      await git.restore(repo, { paths: ["more.txt"] });
      expect(await files.read("repo/more.txt")).toBe("more\n");
      await git.setConfig("pull.rebase", "false", { scope: "local", path: repo });
      expect(await git.getConfig("pull.rebase", { scope: "local", path: repo })).toBe("false");
    });
  });
});
