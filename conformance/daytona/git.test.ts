import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forDaytona } from "./harness.ts";

forDaytona((daytona) => {
  /** An empty repository to push to, by the path by which git finds it. */
  const origin = async (name: string) => {
    const { git, process } = daytona().shared;
    await git.init(name, true, "main");
    const { result } = await process.executeCommand("pwd", name);
    return result.trim();
  };

  proves("DAY-070")("a repository is made, pushed, cloned and pulled", async () => {
    const { git, fs } = daytona().shared;
    const url = await origin("a/origin.git");
    await git.init("a/work", false, "main");
    await fs.uploadFile(Buffer.from("one\n"), "a/work/one.txt");
    await git.add("a/work", ["one.txt"]);
    const { sha } = await git.commit("a/work", "The first", "Ann", "ann@example.com");
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    await git.remoteAdd("a/work", "origin", url);
    expect(await git.remotes("a/work")).toEqual({ remotes: [{ name: "origin", url }] });
    await git.push("a/work", undefined, undefined, undefined, undefined, true);
    await git.clone(url, "a/clone", "main", undefined, undefined, undefined, undefined, 1);
    expect((await fs.downloadFile("a/clone/one.txt")).toString()).toBe("one\n");
    await fs.uploadFile(Buffer.from("two\n"), "a/work/one.txt");
    await git.add("a/work", ["."]);
    await git.commit("a/work", "The second", "Ann", "ann@example.com");
    expect(await git.status("a/work")).toEqual({
      currentBranch: "main",
      detached: false,
      ahead: 1,
      behind: 0,
      branchPublished: true,
      upstream: "origin/main",
      fileStatus: [],
    });
    await git.push("a/work");
    await git.pull("a/clone");
    expect((await fs.downloadFile("a/clone/one.txt")).toString()).toBe("two\n");
  });

  proves("DAY-071")("branches and changes", async () => {
    const { git, fs } = daytona().shared;
    await git.init("b", false, "main");
    await fs.uploadFile(Buffer.from("one\n"), "b/one.txt");
    await git.add("b", ["one.txt"]);
    await git.commit("b", "The first", "Ann", "ann@example.com");
    await git.createBranch("b", "feature");
    await git.checkoutBranch("b", "feature");
    expect(await git.branches("b")).toEqual({ branches: ["feature", "main"], current: "feature" });
    await fs.uploadFile(Buffer.from("changed\n"), "b/one.txt");
    await fs.uploadFile(Buffer.from("new\n"), "b/two words.txt");
    expect((await git.status("b")).fileStatus).toEqual([
      { name: "one.txt", extra: "", staging: "Unmodified", worktree: "Modified" },
      { name: "two words.txt", extra: "", staging: "Untracked", worktree: "Untracked" },
    ]);
    await git.restore("b", ["one.txt"]);
    await git.add("b", ["two words.txt"]);
    expect((await git.status("b")).fileStatus).toEqual([
      { name: "two words.txt", extra: "", staging: "Added", worktree: "Unmodified" },
    ]);
    await git.reset("b", "hard");
    expect((await git.status("b")).fileStatus).toEqual([]);
    await git.checkoutBranch("b", "main");
    await git.deleteBranch("b", "feature");
    expect((await git.branches("b")).branches).toEqual(["main"]);
    await git.configureUser("Ann", "ann@example.com");
    await git.setConfig("core.abbrev", "12", "local", "b");
    expect(await git.getConfig("user.email")).toBe("ann@example.com");
    expect(await git.getConfig("core.abbrev", "local", "b")).toBe("12");
    expect(await git.getConfig("no.such")).toBeUndefined();
    await git.dangerouslyAuthenticate("ann", "pass word", "example.com");
    const kept = await daytona().shared.process.executeCommand(
      "printf 'protocol=https\\nhost=example.com\\n\\n' | git credential fill",
    );
    expect(kept.result).toContain("username=ann\npassword=pass word\n");
  });

  proves("DAY-072")("what git refuses", async () => {
    const { git, fs } = daytona().shared;
    await git.init("c", false, "main");
    await fs.uploadFile(Buffer.from("one\n"), "c/one.txt");
    await git.add("c", ["one.txt"]);
    await git.commit("c", "The first", "Ann", "ann@example.com");
    await fs.createFolder("plain", "755");
    const refusals = await Promise.all(
      [
        git.status("nowhere"),
        git.status("plain"),
        git.clone("/nowhere.git", "d"),
        git.createBranch("c", "main"),
        git.checkoutBranch("c", "nowhere"),
        git.checkoutBranch("c", "one.txt"),
        git.deleteBranch("c", "nowhere"),
        git.checkoutBranch("c", "--orphan"),
      ].map(rejection),
    );
    expect(refusals.map(({ name }) => name)).toEqual([
      "DaytonaGitRepoNotFoundError",
      "DaytonaGitRepoNotFoundError",
      "DaytonaGitRepoNotFoundError",
      "DaytonaGitBranchExistsError",
      "DaytonaGitBranchNotFoundError",
      "DaytonaGitBranchNotFoundError",
      "DaytonaGitBranchNotFoundError",
      "DaytonaValidationError",
    ]);
  });
});
