import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { Sandbox, Snapshot } from "sandlot";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

const run = promisify(execFile);

let directory: string;
let repository: string;
let commits: string[];

async function git(...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  const { stdout } = await run("git", [...identity, ...args], { cwd: repository });
  return stdout.trim();
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sandlot-sources-"));
  repository = join(directory, "little-project");
  await mkdir(repository);
  await git("init", "--quiet", "--initial-branch=main");
  commits = [];
  for (const version of ["1", "2", "3"]) {
    await writeFile(join(repository, "version.txt"), version);
    await git("add", ".");
    await git("commit", "--quiet", "-m", `version ${version}`);
    commits.push(await git("rev-parse", "HEAD"));
    if (version === "2") await git("tag", "second");
  }
  await git("branch", "older", commits[0] ?? "");
  await run("tar", ["-czf", join(directory, "archive.tgz"), "-C", repository, "version.txt"]);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

forEachTransport((connection) => {
  describe("sources", () => {
    const url = () => pathToFileURL(repository).href;

    proves("SBX-019")("clone a repository below the working directory", async () => {
      await using sandbox = await connection().create({ source: { type: "git", url: url() } });
      const path = "little-project/version.txt";
      expect(String(await sandbox.readFileToBuffer({ path }))).toBe("3");
      const log = await sandbox.runCommand({
        cmd: "git",
        args: ["log", "--format=%H"],
        cwd: "little-project",
      });
      expect((await log.stdout()).trim().split("\n")).toEqual(commits.toReversed());
    });

    proves("SBX-020")("check out a branch, a tag or a commit", async () => {
      for (const [revision, version] of [
        ["older", "1"],
        ["second", "2"],
        [commits[1] ?? "", "2"],
      ] as const) {
        const source = { type: "git" as const, url: url(), revision };
        await using sandbox = await connection().create({ source });
        const path = "little-project/version.txt";
        expect(String(await sandbox.readFileToBuffer({ path })), revision).toBe(version);
      }
    });

    proves("SBX-021")("cut a repository's history at a depth", async () => {
      const source = { type: "git" as const, url: url(), depth: 1 };
      await using sandbox = await connection().create({ source });
      const count = await sandbox.runCommand({
        cmd: "git",
        args: ["rev-list", "--count", "HEAD"],
        cwd: "little-project",
      });
      expect((await count.stdout()).trim()).toBe("1");
    });

    proves("SBX-022")("unpack an archive", async () => {
      const archive = pathToFileURL(join(directory, "archive.tgz")).href;
      await using sandbox = await connection().create({
        source: { type: "tarball", url: archive },
      });
      expect(String(await sandbox.readFileToBuffer({ path: "version.txt" }))).toBe("3");
    });

    proves("SBX-023")("that fail leave nothing behind", async () => {
      const name = `failing-${connection().transport}`;
      for (const source of [
        { type: "git" as const, url: pathToFileURL(join(directory, "nowhere")).href },
        { type: "tarball" as const, url: pathToFileURL(join(directory, "nowhere.tgz")).href },
        { type: "git" as const, url: url(), revision: "no-such-revision" },
      ]) {
        const refused = await rejection(Sandbox.create({ name, source }));
        expect(refused).toMatchObject({ response: { status: 400 } });
        expect(await rejection(Sandbox.get({ name }))).toMatchObject({ response: { status: 404 } });
      }
      await using sandbox = await connection().create({ name });
      expect(await sandbox.fs.readdir(".")).toEqual([]);
    });

    proves("SBX-017", "SBX-018")("start from a snapshot, if it is there", async () => {
      await using origin = await connection().create();
      await origin.writeFiles([{ path: "deep/in/file.txt", content: "from the origin" }]);
      const { snapshotId } = await origin.snapshot();
      const source = { type: "snapshot" as const, snapshotId };
      await using sandbox = await connection().create({ source });
      expect(sandbox.sourceSnapshotId).toBe(snapshotId);
      const found = await sandbox.readFileToBuffer({ path: "deep/in/file.txt" });
      expect(String(found)).toBe("from the origin");
      await (await Snapshot.get({ snapshotId })).delete();
      const refused = await rejection(Sandbox.create({ source }));
      expect(refused).toMatchObject({
        response: { status: 410 },
        json: { error: { code: "snapshot_not_found" } },
      });
    });
  });
});
